# What a target of this project may be made of. No global flags: everything hangs on drover_options.
include_guard()
include(CheckIPOSupported)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(GTest REQUIRED)
find_package(OpenSSL REQUIRED)

set(DROVER_TEST_PREFIX "" CACHE STRING "Put before each test's name, so that one run of ctest can tell builds apart")
set(DROVER_SANITIZE "" CACHE STRING "Value of -fsanitize= for every target; empty for none")

add_library(drover_options INTERFACE)
target_compile_features(drover_options INTERFACE cxx_std_20)
target_include_directories(drover_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(drover_options INTERFACE
  -Wall -Wextra -Werror -Wno-missing-field-initializers -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 warns of paths that inlining made and no input can take (GCC bug 105562 and its kin).
  target_compile_options(drover_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict
    -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread -Wno-dangling-pointer -Wno-mismatched-new-delete)
endif()
if(DROVER_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(drover_options INTERFACE -Wno-tsan)  # Asio's fences, which TSan does not follow.
endif()
if(DROVER_SANITIZE)
  target_compile_options(drover_options INTERFACE -fsanitize=${DROVER_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(drover_options INTERFACE -fsanitize=${DROVER_SANITIZE})
endif()
find_program(DROVER_LLD ld.lld)
if(DROVER_LLD)
  target_link_options(drover_options INTERFACE -fuse-ld=lld)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)

# jemalloc for what runs long: glibc's malloc took a third of a session's CPU (docs/performance.md).
# Sanitizers bring their own.
add_library(drover_allocator INTERFACE)
find_library(DROVER_JEMALLOC jemalloc)
if(DROVER_JEMALLOC AND NOT DROVER_SANITIZE)
  target_link_libraries(drover_allocator INTERFACE ${DROVER_JEMALLOC})
endif()

# drover_library(NAME SRCS.. [DEPS..] [PRIVATE_DEPS..] [TESTS..] [TEST_DEPS..]) -> drover::NAME, NAME_test
function(drover_library name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS" ${ARGN})
  if(A_SRCS)
    add_library(drover_${name} STATIC ${A_SRCS})
    target_link_libraries(drover_${name} PUBLIC drover_options ${A_DEPS} PRIVATE ${A_PRIVATE_DEPS})
  else()
    add_library(drover_${name} INTERFACE)
    target_link_libraries(drover_${name} INTERFACE drover_options ${A_DEPS})
  endif()
  add_library(drover::${name} ALIAS drover_${name})
  if(A_TESTS)
    drover_test(${name}_test SRCS ${A_TESTS} DEPS drover::${name} ${A_TEST_DEPS})
  endif()
endfunction()

# drover_test(NAME SRCS.. [DEPS..]): a GoogleTest binary; each of its tests is a ctest test, label "unit".
function(drover_test name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${A_SRCS})
  target_link_libraries(${name} PRIVATE drover_options ${A_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    TEST_PREFIX "${DROVER_TEST_PREFIX}" PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# drover_component_test(NAME SRCS.. [DEPS..] SERVERS redis|postgres|kafka..): one ctest test, label "component",
# that runs the GoogleTest binary with these real servers up, started and ended by the cluster runner. The
# binary finds them in DROVER_TEST_REDIS_URL, DROVER_TEST_POSTGRES_URL and DROVER_TEST_KAFKA_BROKERS.
function(drover_component_test name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS;SERVERS" ${ARGN})
  add_executable(${name} ${A_SRCS})
  target_link_libraries(${name} PRIVATE drover_options ${A_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  list(JOIN A_SERVERS "," servers)
  add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/scripts/cluster run --with ${servers} -- $<TARGET_FILE:${name}>)
  set_tests_properties(${name} PROPERTIES LABELS component TIMEOUT 300)
endfunction()

# drover_executable(NAME SRCS.. [DEPS..]): a program, left in ${CMAKE_BINARY_DIR}/bin.
function(drover_executable name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${A_SRCS})
  target_link_libraries(${name} PRIVATE drover_options ${A_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# drover_service(NAME SRCS.. [DEPS..] [TESTS..] [TEST_DEPS..]): services/NAME as library drover::service_NAME
# (without main.cc, so that tests can link it) and program bin/drover-NAME.
function(drover_service name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS;TESTS;TEST_DEPS" ${ARGN})
  drover_library(service_${name} SRCS ${A_SRCS} DEPS drover::service ${A_DEPS}
    TESTS ${A_TESTS} TEST_DEPS ${A_TEST_DEPS})
  drover_executable(drover-${name} SRCS main.cc DEPS drover::service_${name} drover_allocator)
endfunction()

# drover_fuzz(NAME SRC DEPS.. ): with DROVER_FUZZ a libFuzzer program NAME_fuzz; always a test that replays
# tests/fuzz/corpus/NAME through the same entry point.
function(drover_fuzz name)
  cmake_parse_arguments(A "" "SRC" "DEPS" ${ARGN})
  if(DROVER_FUZZ)
    add_executable(${name}_fuzz ${A_SRC})
    target_link_libraries(${name}_fuzz PRIVATE drover_options ${A_DEPS})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  endif()
  add_executable(${name}_replay ${A_SRC} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
  target_link_libraries(${name}_replay PRIVATE drover_options ${A_DEPS})
  add_test(NAME ${DROVER_TEST_PREFIX}fuzz_corpus.${name} COMMAND ${name}_replay ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set_tests_properties(${DROVER_TEST_PREFIX}fuzz_corpus.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

# drover_benchmark(NAME SRCS.. [DEPS..]): a Google Benchmark program, bin/NAME.
function(drover_benchmark name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS" ${ARGN})
  if(NOT DROVER_BENCH)
    return()
  endif()
  find_package(benchmark REQUIRED)
  drover_executable(${name} SRCS ${A_SRCS} DEPS ${A_DEPS} benchmark::benchmark)
endfunction()
