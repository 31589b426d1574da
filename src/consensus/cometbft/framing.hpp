#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::consensus {

/// A stream of messages, each behind its length as an unsigned varint. Whoever reads it may say how long one is at
/// most.
class FrameReader {
public:
    explicit FrameReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void feed(ByteView bytes);
    /// The next whole message, nothing where more must come first. It is good until the next call.
    /// Errors: kMalformedEncoding for a length of more than five bytes, or not the shortest; kTooLarge. After one,
    /// nothing more can be read.
    Result<std::optional<ByteView>> next();

private:
    const std::size_t bytes_max_;
    Bytes buffer_;
    std::size_t begin_ = 0;  ///< of what was not handed out yet
};

/// `message` behind its length.
void append_frame(Bytes& out, ByteView message);

}  // namespace salus::consensus
