#pragma once

#include <abci.pb.h>

#include <boost/json/fwd.hpp>

#include "base/result.hpp"

namespace salus::consensus {

/// CometBFT's RPC speaks JSON; what is kept of a block, and shown to others, is its protobuf. Source: CometBFT's RPC,
/// /commit and /validators. Errors of all: kMalformedEncoding, naming the field

Result<abci::Header> header_of(const boost::json::value& header);
Result<abci::Commit> commit_of(const boost::json::value& commit);
/// One page of /validators; keys of another kind than Ed25519 are none of ours. Whose turn it is to propose, which
/// differs with each block and vouches for nothing, is left out.
Status append_validators(abci::ValidatorSet& set, const boost::json::value& validators);

}  // namespace salus::consensus
