#pragma once

#include <algorithm>
#include <random>

#include "model/messages.hpp"

namespace salus {

/// For tests: any message, within its limits, the same for the same seed. Small values, defaults and empty lists are
/// common, for that is where an encoding goes wrong.
class MessageMaker {
public:
    explicit MessageMaker(std::uint64_t seed) : random_(seed) {}

    template <codec::Message M>
    M make() {
        M message{};
        codec::each_field(M::kFields, [&](const auto& field) {
            fill(message.*(field.member), field.max, field.max_each);
            return true;
        });
        return message;
    }

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

private:
    void scatter(std::span<std::uint8_t> out) {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
    }

    template <class T>
    void fill(T& out, std::size_t max, std::size_t max_each) {
        using namespace codec::detail;
        if constexpr (std::is_same_v<T, bool>) {
            out = below(2) == 1;
        } else if constexpr (std::is_enum_v<T>) {
            out = static_cast<T>(EnumNames<T>::kFirst + below(EnumNames<T>::kNames.size()));
        } else if constexpr (Scalar<T>) {
            out = below(6) == 0 ? T{} : static_cast<T>(random_() >> below(64));
        } else if constexpr (Fixed<T>) {
            if (below(4) != 0) scatter(storage(out));
        } else if constexpr (std::is_same_v<T, Bytes>) {
            out.resize(below(std::min<std::size_t>(max, 40) + 1));
            scatter(out);
        } else if constexpr (std::is_same_v<T, std::string>) {
            constexpr std::string_view kParts[] = {
                "a", "Z", "\"", "\\", "\n", "\x7f", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x92\x8a"};
            while (below(4) != 0) {
                const auto part = kParts[below(std::size(kParts))];
                if (out.size() + part.size() > max) break;
                out += part;
            }
        } else if constexpr (kIsOptional<T>) {
            if (below(2) == 1) fill(out.emplace(), max, max_each);
        } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) {
            while (out.size() < max && below(3) != 0) out.push_back(random_() >> below(64));
        } else if constexpr (kIsRepeated<T>) {
            while (out.size() < max && below(5) > 2) fill(out.emplace_back(), max_each, codec::kNoLimit);
        } else if constexpr (kIsOneof<T>) {
            const std::size_t chosen = below(std::variant_size_v<T>);
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((chosen == I ? fill(out.template emplace<I>(), max, max_each) : void()), ...);
            }(std::make_index_sequence<std::variant_size_v<T>>{});
        } else {
            out = make<T>();
        }
    }

    std::mt19937_64 random_;
};

}  // namespace salus
