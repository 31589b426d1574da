#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace salus {
namespace {

TEST(Printable, leaves_what_people_are_called) {
    for (const char* name : {"", "Dr. Nora Weiß", "O'Brien-Łukasz", "山田 太郎", "محمد", "😀", "\xC2\xA0", "~",
                             "\xE2\x80\x90 \xE2\x80\xA7 \xE2\x80\xAF \xE2\x81\xA5 \xE2\x81\xAA", "\xEF\xBF\xBD"}) {
        EXPECT_EQ(printable(name), name);
        EXPECT_TRUE(is_printable(name)) << name;
    }
}

TEST(Printable, replaces_whatever_a_terminal_would_obey) {
    EXPECT_EQ(printable("A\x1B[2K\rB\nC"),
              "A\xEF\xBF\xBD[2K\xEF\xBF\xBD"
              "B\xEF\xBF\xBD"
              "C");
    for (const std::string& command :
         {std::string(1, '\0'), std::string("\x1F"), std::string("\x7F"), std::string("\t"), std::string("\xC2\x80"),
          std::string("\xC2\x9B"), std::string("\xC2\x9F"), std::string("\xD8\x9C"), std::string("\xE2\x80\x8E"),
          std::string("\xE2\x80\x8F"), std::string("\xE2\x80\xA8"), std::string("\xE2\x80\xAE"),
          std::string("\xE2\x81\xA6"), std::string("\xE2\x81\xA9")}) {
        EXPECT_EQ(printable("a" + command + "b"),
                  "a\xEF\xBF\xBD"
                  "b");
        EXPECT_FALSE(is_printable(command));
    }
}

TEST(Printable, replaces_each_byte_that_is_not_utf8) {
    EXPECT_EQ(printable("\x9B"
                        "2J"),
              "\xEF\xBF\xBD"
              "2J")
        << "a terminal of 8 bits takes it for C1";
    EXPECT_EQ(printable("\xC0\x9B"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
    EXPECT_EQ(printable("a\xE2\x80"), "a\xEF\xBF\xBD\xEF\xBF\xBD") << "cut";
    EXPECT_EQ(printable("\xE2\nb"),
              "\xEF\xBF\xBD\xEF\xBF\xBD"
              "b")
        << "it does not hide what follows";
}

}  // namespace
}  // namespace salus
