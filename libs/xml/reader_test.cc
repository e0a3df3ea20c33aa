#include "libs/xml/reader.h"

#include <gtest/gtest.h>

#include "libs/xml/text.h"

namespace drover::xml {
namespace {

// "<a x=1>text</a>" as "(a x=1)text/a"; "!" and the error's words if it fails.
std::string Events(std::string_view document, const Limits& limits = {}) {
  Reader reader(document, limits);
  std::string out;
  for (;;) {
    switch (reader.Next()) {
      case Event::kStart:
        out += "(" + std::string(reader.name());
        for (const Attribute& a : reader.attributes()) {
          out += " " + std::string(a.name) + "=" + std::string(a.value);
        }
        out += ")";
        break;
      case Event::kText:
        out += reader.text();
        break;
      case Event::kEnd:
        out += "/" + std::string(reader.name());
        break;
      case Event::kDone:
        EXPECT_EQ(reader.Next(), Event::kDone);
        EXPECT_EQ(reader.depth(), 0U);
        return out;
      default:
        EXPECT_EQ(reader.Next(), Event::kError);
        return "!" + reader.error().message;
    }
  }
}

struct Case {
  const char* document;
  const char* events;
};

TEST(XmlReader, TellsWhatADocumentHolds) {
  const Case kCases[] = {
      {"<a/>", "(a)/a"},
      {"<a></a>", "(a)/a"},
      {"\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- c --><a />\n<!-- d --><?e f?>",
       "(a)/a"},
      {"<a x='1' y = \"2\"><b>t</b>u</a>", "(a x=1 y=2)(b)t/bu/a"},
      {"<a x='&lt;&gt;&amp;&quot;&apos;&#65;&#x20ac;'/>", "(a x=<>&\"'A€)/a"},
      {"<a x='1\r\n2\t3'>1\r\n2\r3\t</a>", "(a x=1 2 3)1\n2\n3\t/a"},
      {"<a>x<![CDATA[<b>&amp;]]>y<!-- c -->z<?p q?></a>", "(a)x<b>&amp;yz/a"},
      {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>", "(a)é/a"},
      {"<!DOCTYPE a><a/>", "(a)/a"},
      {"<!DOCTYPE a SYSTEM 'x'><a/>", "(a)/a"},
      {"<!DOCTYPE a PUBLIC 'x'><a/>", "(a)/a"},
      {"<!DOCTYPE a PUBLIC 'x' \"y\" [ <?p q?> <!-- c --> ] ><a/>", "(a)/a"},
      {"<p:a xmlns:p='u'><p:b.c-d_1/></p:a>", "(p:a xmlns:p=u)(p:b.c-d_1)/p:b.c-d_1/p:a"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Events(c.document), c.events) << c.document;
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  const char* const kDocuments[] = {
      "",
      "  ",
      "text",
      "<",
      "<a",
      "<a>",
      "<a></b>",
      "<a></a",
      "<a/><b/>",
      "<a/>text",
      "</a>",
      "<a x></a>",
      "<a x=1/>",
      "<a x='1/>",
      "<a x='1'y='2'/>",
      "<a x='1' x='2'/>",
      "<a x='<'/>",
      "<a>&</a>",
      "<a>&amp</a>",
      "<a>&nbsp;</a>",
      "<a>&#0;</a>",
      "<a>&#;x</a>",
      "<a>&#xD800;</a>",
      "<a>&#99999999999;</a>",
      "<a>\x01</a>",
      "<a>\xC0\x80</a>",
      "<a>\xFF</a>",
      "<a><!-- </a>",
      "<a><![CDATA[ </a>",
      "<a><? ?></a>",
      "<?xml version='1.0' encoding='UTF-16'?><a/>",
      "<?xml version='1.0'",
      " <?xml version='1.0'?><a/>",
      "<a><?xml version='1.0'?></a>",
      "<!DOCTYPE><a/>",
      "<!DOCTYPE a PUBLIC><a/>",
      "<!DOCTYPE a><!DOCTYPE a><a/>",
      "<a><!DOCTYPE a></a>",
      "<1/>",
      "< a/>",
      "\xFE\xFF\0<",
  };
  for (const char* document : kDocuments) {
    EXPECT_EQ(Events(document).substr(0, 1), "!") << document;
  }
}

TEST(XmlReader, TakesNoDeclarationsOfADtd) {
  for (const char* subset :
       {"<!ENTITY e 'x'>", "<!ELEMENT a ANY>", "%e;", "<!ATTLIST a b CDATA 'c'>"}) {
    const std::string document = "<!DOCTYPE a [" + std::string(subset) + "]><a>&e;</a>";
    EXPECT_NE(Events(document).find("declarations"), std::string::npos) << document;
  }
}

TEST(XmlReader, TellsPublicIdAndInstructionsOfTheProlog) {
  Reader reader(
      "<?xml version='1.0'?><?first?><!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" "
      "\"http://x/pap.dtd\" [<?wap-pap-ver supported-versions=\"2.0,1.*\"?>]><pap/>");
  EXPECT_EQ(reader.Next(), Event::kStart);
  EXPECT_EQ(reader.public_id(), "-//WAPFORUM//DTD PAP 2.0//EN");
  ASSERT_EQ(reader.instructions().size(), 2U);
  EXPECT_EQ(reader.instructions()[1].target, "wap-pap-ver");
  EXPECT_EQ(reader.instructions()[1].data, "supported-versions=\"2.0,1.*\"");
}

TEST(XmlReader, KeepsItsLimits) {
  EXPECT_EQ(Events("<a><a/></a>", {.depth = 2}), "(a)(a)/a/a");
  EXPECT_EQ(Events("<a><a><a/></a></a>", {.depth = 2})[0], '!');
  EXPECT_EQ(Events("<a b='' c=''/>", {.attributes = 1})[0], '!');
  EXPECT_EQ(Events("<a><b/><b/></a>", {.elements = 2})[0], '!');
}

TEST(XmlReader, SaysWhereADocumentFails) {
  EXPECT_EQ(Events("<a>&e;</a>"), "!octet 3: an entity that is not one of the five of XML");
}

TEST(XmlEscaping, ComesBack) {
  const std::string text = "a<b>&\"c'\n\r\td\xE2\x82\xAC";
  std::string document = "<a x=\"";
  AppendEscaped(text, document);
  document += "\">";
  AppendEscaped(text, document);
  document += "</a>";
  EXPECT_EQ(Events(document), "(a x=" + text + ")" + text + "/a");
}

TEST(XmlEscaping, ReplacesWhatXmlCannotCarry) {
  std::string out;
  AppendEscaped(
      "a\x01"
      "b\xFF\xC3",
      out);
  EXPECT_EQ(out,
            "a\uFFFD"
            "b\uFFFD\uFFFD");
}

TEST(Quote, IsShortAndPrintable) {
  EXPECT_EQ(Quote("a b"), "a b");
  EXPECT_EQ(Quote("\xC3\xA9\n\x7F"), "????");
  EXPECT_EQ(Quote(std::string(100, 'x')).size(), 60U);
  EXPECT_EQ(Events("<?xml version='1.0' encoding='\xFF'?><a/>").find('\xFF'), std::string::npos);
}

}  // namespace
}  // namespace drover::xml
