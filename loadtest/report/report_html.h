// report.html: one file that needs nothing else, to be read, printed and handed on.
//
// Inline CSS and SVG, a small script for the cross-hair, light and dark by the reader's setting.
// All texts from outside are escaped (html_text.h).
#pragma once
#include <string>

#include "loadtest/report/verdict.h"

namespace drover::report {

std::string ReportHtml(const RunRecord& record, const Verdict& verdict);

// The parts, in files of their own.
std::string ChartsHtml(const RunRecord& record);       // report_charts.cc
std::string TablesHtml(const RunRecord& record);       // report_tables.cc
std::string EnvironmentHtml(const RunRecord& record);  // report_tables.cc
extern const char* const kReportStyle;                 // report_assets.cc
extern const char* const kReportScript;                // report_assets.cc

}  // namespace drover::report
