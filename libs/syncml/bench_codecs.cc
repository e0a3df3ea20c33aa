// bench_codecs [--out FILE] [--rounds N]: what decoding and encoding one message costs, in CPU
// time, beside libwbxml (WBXML to XML and back) and pugixml (bare parse, bare print) on the same
// octets.
//
// The message is a package 3 as a terminal sends it: DOCTYPE, statuses, results. Every case runs in
// turn in every round, so that a noisy moment meets all of them; the median of the rounds counts.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "libs/base/check.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/libwbxml.h"

namespace drover::syncml {
namespace {

constexpr std::string_view kPackage3 =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    "<!DOCTYPE SyncML PUBLIC \"-//SYNCML//DTD SyncML 1.2//EN\" "
    "\"http://www.openmobilealliance.org/tech/DTD/OMA-TS-SyncML_RepPro_DTD-V1_2.dtd\">"
    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
    "<SessionID>A7</SessionID><MsgID>2</MsgID>"
    "<Target><LocURI>https://dm.example.com/dm?s=7Qp</LocURI></Target>"
    "<Source><LocURI>IMEI:493005100592800</LocURI></Source></SyncHdr><SyncBody>"
    "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
    "<TargetRef>IMEI:493005100592800</TargetRef><Data>212</Data></Status>"
    "<Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef><Cmd>Get</Cmd>"
    "<TargetRef>./DevDetail/FwV</TargetRef><TargetRef>./DevDetail/LrgObj</TargetRef>"
    "<Data>200</Data></Status>"
    "<Results><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef>"
    "<Item><Source><LocURI>./DevDetail/FwV</LocURI></Source><Meta>"
    "<Format xmlns=\"syncml:metinf\">chr</Format><Type xmlns=\"syncml:metinf\">text/plain</Type>"
    "</Meta><Data>ACME-9.4.117</Data></Item>"
    "<Item><Source><LocURI>./DevDetail/LrgObj</LocURI></Source><Meta>"
    "<Format xmlns=\"syncml:metinf\">bool</Format><Type xmlns=\"syncml:metinf\">text/plain</Type>"
    "</Meta><Data>true</Data></Item></Results>"
    "<Status><CmdID>4</CmdID><MsgRef>1</MsgRef><CmdRef>5</CmdRef><Cmd>Replace</Cmd>"
    "<TargetRef>./NAP/operator/Addr</TargetRef><Data>200</Data></Status>"
    "<Final/></SyncBody></SyncML>";

// Every result is used, so that no call can be left out.
using Case = std::function<void()>;

double CpuMicroseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Microseconds a call, over at least 20 ms.
double Time(const Case& run) {
  constexpr double kLeast = 20'000;
  for (size_t n = 64;; n *= 2) {
    const double start = CpuMicroseconds();
    for (size_t i = 0; i < n; ++i) run();
    const double spent = CpuMicroseconds() - start;
    if (spent >= kLeast) return spent / static_cast<double>(n);
  }
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// What pugixml prints into.
struct StringWriter : pugi::xml_writer {
  std::string text;
  void write(const void* data, size_t size) override {
    text.append(static_cast<const char*>(data), size);
  }
};

struct Figure {
  const char* name;
  const char* run;
  const char* floor_run;
  const char* floor_name;
};
constexpr Figure kFigures[] = {
    {"wbxml_decode", "wbxml_decode", "libwbxml_wbxml2xml", "libwbxml's wbxml2xml"},
    {"wbxml_encode", "wbxml_encode", "libwbxml_xml2wbxml", "libwbxml's xml2wbxml"},
    {"xml_decode", "xml_decode", "pugixml_parse", "pugixml's bare parse"},
    {"xml_encode", "xml_encode", "pugixml_print", "pugixml's bare print"},
};

int Run(const std::string& out, size_t rounds) {
  const std::string xml(kPackage3);
  const Decoded decoded = DecodeXml(xml);
  DROVER_CHECK(decoded.ok);
  const Message& message = decoded.document.message();
  std::string wbxml;
  EncodeWbxml(message, wbxml);
  DROVER_CHECK(DecodeWbxml(wbxml).ok);
  pugi::xml_document tree;
  DROVER_CHECK(tree.load_buffer(xml.data(), xml.size()));

  const std::vector<std::pair<const char*, Case>> cases = {
      {"wbxml_decode", [&] { benchmark::DoNotOptimize(DecodeWbxml(wbxml).ok); }},
      {"libwbxml_wbxml2xml", [&] { DROVER_CHECK(testing::LibwbxmlToXml(wbxml).ok); }},
      {"wbxml_encode",
       [&] {
         std::string octets;
         EncodeWbxml(message, octets);
         benchmark::DoNotOptimize(octets);
       }},
      {"libwbxml_xml2wbxml", [&] { DROVER_CHECK(testing::LibwbxmlToWbxml(xml).ok); }},
      {"xml_decode", [&] { benchmark::DoNotOptimize(DecodeXml(xml).ok); }},
      {"pugixml_parse",
       [&] {
         pugi::xml_document document;
         benchmark::DoNotOptimize(document.load_buffer(xml.data(), xml.size()).status);
       }},
      {"xml_encode",
       [&] {
         std::string octets;
         EncodeXml(message, octets);
         benchmark::DoNotOptimize(octets);
       }},
      {"pugixml_print",
       [&] {
         StringWriter writer;
         tree.save(writer, "", pugi::format_raw | pugi::format_no_declaration);
         benchmark::DoNotOptimize(writer.text);
       }},
  };
  std::map<std::string, std::vector<double>> samples;
  for (size_t round = 0; round < rounds; ++round) {
    for (const auto& [name, run] : cases) samples[name].push_back(Time(run));
  }

  std::printf("one package 3: %zu octets of XML, %zu of WBXML; CPU time, median of %zu rounds\n",
              xml.size(), wbxml.size(), rounds);
  nlohmann::json figures = nlohmann::json::array();
  for (const Figure& figure : kFigures) {
    const double value = Median(samples[figure.run]);
    const double floor = Median(samples[figure.floor_run]);
    figures.push_back({{"name", figure.name},
                       {"value", value},
                       {"unit", "us"},
                       {"floor", floor},
                       {"ratio", value / floor},
                       {"better", "lower"}});
    const bool faster = value < floor;
    std::printf("%-13s %8.2f us   %8.2f us %-21s  %.1f times as %s\n", figure.name, value, floor,
                figure.floor_name, faster ? floor / value : value / floor,
                faster ? "fast" : "long");
  }
  if (out.empty()) return 0;
  std::filesystem::create_directories(std::filesystem::absolute(out).parent_path());
  std::ofstream file(out);
  file << figures.dump(2) << "\n";
  if (!file) {
    std::cerr << "cannot write " << out << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace drover::syncml

int main(int argc, char** argv) {
  std::string out;
  size_t rounds = 9;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::strtoul(argv[i + 1], nullptr, 10);
  }
  if (argc % 2 == 0 || rounds < 1) {
    std::cerr << "usage: bench_codecs [--out FILE] [--rounds N]\n";
    return 2;
  }
  return drover::syncml::Run(out, rounds);
}
