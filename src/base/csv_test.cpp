#include "base/csv.hpp"

#include <gtest/gtest.h>

namespace salus {
namespace {

TEST(CsvLine, quotes_every_cell_and_doubles_quotes) {
    EXPECT_EQ(csv_line({"a", "say \"no\", twice", ""}), "\"a\",\"say \"\"no\"\", twice\",\"\"\r\n");
}

TEST(CsvLine, keeps_a_line_break_inside_its_cell) { EXPECT_EQ(csv_line({"a\nb"}), "\"a\nb\"\r\n"); }

TEST(CsvLine, takes_the_meaning_from_what_a_spreadsheet_would_run) {
    for (const std::string formula : {"=1+1", "+1", "-1", "@sum", "\tx", "\rx"})
        EXPECT_EQ(csv_line({formula}), "\"'" + formula + "\"\r\n");
    EXPECT_EQ(csv_line({"1=1"}), "\"1=1\"\r\n");
}

}  // namespace
}  // namespace salus
