#pragma once

#include "model/cometbft/messages.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/system.hpp"
#include "model/enum_names.hpp"
#include "model/evidence.hpp"
#include "model/export.hpp"
#include "model/login.hpp"
#include "model/reading.hpp"
#include "model/review_finding.hpp"

/// Every message that is written or sent by itself: what the schema is generated from and the property tests run over.
/// Heavy; for programs and tests.
namespace salus {

template <codec::Message... Messages>
struct MessageList {
    /// Calls visit.template operator()<M>() for each.
    template <class Visit>
    static void each(Visit&& visit) {
        (visit.template operator()<Messages>(), ...);
    }
};

using LedgerMessages = MessageList<TransactionBody, SignedTransaction, Envelope, Receipt, Events, BlockHeader,
                                   SystemTransaction, Block, EraRecord, Certificate, Checkpoint, Genesis>;
using ContractMessages =
    MessageList<governance::Payload, identity::Payload, records::Payload, consent::Payload, disclosure::Payload,
                audit::Payload, DecisionHead, DecisionEntry, governance::MemberState, governance::ParameterState,
                governance::ProposalState, governance::MemberList, governance::NewestRecovery,
                governance::OpenProposals, governance::ValidatorSet, identity::AccountState, identity::KeyOwner,
                identity::RecoveryState, identity::NodeKey, consent::GrantState, consent::ControlKeyState,
                disclosure::RowState, disclosure::BreakGlassState, disclosure::PolicyState, audit::AuditState>;
using RecordMessages = MessageList<LeafOpening, LeafChain, GrantTerms, Manifest, BreakGlassTerms, ReviewFinding,
                                   AuditRecord, Evidence, ExportFooter>;
using CometBftMessages =
    MessageList<cometbft::Header, cometbft::Commit, cometbft::ValidatorSet, cometbft::SimpleValidator>;
using ReadingMessages = MessageList<BindOffer, ReadRequest, ReadAnswer, ReadReceipt, ReadReply, DeliveryReceipt>;

template <class Visit>
void each_message(Visit&& visit) {
    LedgerMessages::each(visit);
    ContractMessages::each(visit);
    RecordMessages::each(visit);
    ReadingMessages::each(visit);
    CometBftMessages::each(visit);
}

}  // namespace salus
