// A wall clock that can jump: preloaded (LD_PRELOAD) into a process, it adds the seconds that stand
// in the file DROVER_FAULT_CLOCK (one int64, little-endian, mapped) to every reading of the real
// time. Monotonic clocks go on as they should.
//
// Allocates nothing and asks the kernel directly, so that it works below any allocator.
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile int64_t* offset_s = nullptr;

__attribute__((constructor)) void MapOffset() {
  const char* const path = std::getenv("DROVER_FAULT_CLOCK");
  if (path == nullptr) return;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* const mapped = ::mmap(nullptr, sizeof *offset_s, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped != MAP_FAILED) offset_s = static_cast<const volatile int64_t*>(mapped);
}

int64_t Offset() { return offset_s == nullptr ? 0 : *offset_s; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && wall) time->tv_sec += Offset();
  return static_cast<int>(result);
}

int gettimeofday(timeval* __restrict time, void* __restrict) {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
