// What must hold for every message and every input.
#include <gtest/gtest.h>

#include "libs/syncml/debug.h"
#include "libs/syncml/document.h"
#include "libs/syncml/testing/messages.h"

namespace drover::syncml {
namespace {

using testing::AllVectors;
using testing::AsReceived;
using testing::Encoded;
using testing::RandomMessage;
using testing::Vector;

constexpr Encoding kEncodings[] = {Encoding::kXml, Encoding::kWbxml};
constexpr uint64_t kSeeds = 2000;

std::string_view Name(Encoding encoding) { return encoding == Encoding::kXml ? "XML" : "WBXML"; }

// Sends message in encoding; what arrives must be what the contract of the encoder says.
void ExpectArrives(const Message& message, Encoding encoding, const std::string& which) {
  const std::string octets = Encoded(encoding, message);
  const Decoded decoded = Decode(encoding, octets);
  ASSERT_TRUE(decoded) << which << " in " << Name(encoding) << ": " << decoded.error.message
                       << " at " << decoded.error.offset;
  ASSERT_EQ(DebugString(decoded.document.message()),
            DebugString(AsReceived(message, encoding).message()))
      << which << " in " << Name(encoding);
}

TEST(EveryMessage, ArrivesAsItWasSentInBothEncodings) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Document document = RandomMessage(seed);
    for (const Encoding encoding : kEncodings) {
      ASSERT_NO_FATAL_FAILURE(
          ExpectArrives(document.message(), encoding, "seed " + std::to_string(seed)));
    }
  }
}

TEST(EveryMessage, StaysTheSameFromXmlToWbxmlAndBack) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string xml = Encoded(Encoding::kXml, RandomMessage(seed).message());
    const Decoded first = DecodeXml(xml);
    ASSERT_TRUE(first);
    const std::string wbxml = Encoded(Encoding::kWbxml, first.document.message());
    const Decoded second = DecodeWbxml(wbxml);
    ASSERT_TRUE(second);
    ASSERT_EQ(DebugString(second.document.message()), DebugString(first.document.message()));
    for (const Encoding encoding : kEncodings) {
      ASSERT_TRUE(Encoded(encoding, second.document.message()) ==
                  Encoded(encoding, first.document.message()))
          << "seed " << seed << " in " << Name(encoding);
    }
  }
}

TEST(EveryExample, IsReadAndArrivesInBothEncodings) {
  const std::vector<Vector> vectors = AllVectors();
  EXPECT_GE(vectors.size(), 30u);
  for (const Vector& vector : vectors) {
    const Decoded decoded = Decode(vector.encoding, vector.octets);
    ASSERT_TRUE(decoded) << vector.name << ": " << decoded.error.message << " at "
                         << decoded.error.offset;
    for (const Command& command : decoded.document.message().commands) {
      EXPECT_NE(command.kind, CommandKind::kUnknown) << vector.name;
      EXPECT_NE(command.cmd_id, "") << vector.name;
    }
    for (const Encoding encoding : kEncodings) {
      ASSERT_NO_FATAL_FAILURE(ExpectArrives(decoded.document.message(), encoding, vector.name));
    }
  }
}

TEST(EveryTruncation, IsAnErrorInsideTheInput) {
  for (const Vector& vector : AllVectors()) {
    const size_t end = vector.octets.find_last_not_of(" \r\n") + 1;
    for (size_t length = 0; length < end; ++length) {
      // A copy of exactly that size, so that a sanitizer sees a read past it.
      const std::vector<char> copy(vector.octets.begin(),
                                   vector.octets.begin() + static_cast<ptrdiff_t>(length));
      const Decoded decoded = Decode(vector.encoding, {copy.data(), copy.size()});
      ASSERT_FALSE(decoded) << vector.name << " cut to " << length;
      ASSERT_LE(decoded.error.offset, length) << vector.name;
      ASSERT_NE(decoded.error.message, "");
    }
  }
}

TEST(EveryMutation, IsAnErrorOrAMessageThatCanBeSentOn) {
  uint64_t state = 1;
  for (const Vector& vector : AllVectors()) {
    std::string mutated = vector.octets;
    for (size_t i = 0; i < mutated.size(); ++i) {
      // In WBXML, where one octet says more, more of them.
      const int tries = vector.encoding == Encoding::kWbxml ? 64 : 4;
      for (int n = 0; n < tries; ++n) {
        state = state * 6364136223846793005 + 1442695040888963407;
        mutated[i] = static_cast<char>(state >> 56);
        const Decoded decoded = Decode(vector.encoding, mutated);
        if (!decoded) {
          ASSERT_LE(decoded.error.offset, mutated.size());
          continue;
        }
        if (n != 0) continue;
        for (const Encoding encoding : kEncodings) {
          const std::string octets = Encoded(encoding, decoded.document.message());
          const Decoded again = Decode(encoding, octets);
          ASSERT_TRUE(again) << vector.name << " octet " << i << ": " << again.error.message;
        }
      }
      mutated[i] = vector.octets[i];
    }
  }
}

}  // namespace
}  // namespace drover::syncml
