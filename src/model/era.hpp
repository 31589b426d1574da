#pragma once

#include "model/certificate.hpp"
#include "model/contracts/governance.hpp"
#include "model/state.hpp"

/// How one era follows another. Source: docs/protocol.md, "Era"
namespace salus {

/// What holds for the record of any era: its engine's form, and validators with keys of their suite's length, power,
/// and no key twice. Errors: kCertificateInvalid
Status check_era_form(const EraRecord& record);

/// Whether `record` continues the history of `previous` behind `parent`, and enough members signed it: the members,
/// their keys and the threshold are those of `state`, which is that after `parent`. Errors: kCertificateInvalid, naming
/// why; those of the reader
Status check_era(const EraRecord& record, const EraRecord& previous, const BlockHeader& parent,
                 const StateReader& state);

/// Who votes when the era begins: its record's validators, none in an embedded one.
governance::ValidatorSet validator_set_of(const EraRecord& record, Height height, TimeMs time_ms);

/// Signs `record` for a member. The signatures stand ascending by member.
void sign_era(EraRecord& record, const AccountId& member, const crypto::SigningKey& key);

}  // namespace salus
