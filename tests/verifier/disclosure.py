"""Disclosures and grants in a file of evidence: docs/protocol.md, "Evidence", 9 to 11."""

import re

from crypto import hmac_sha256, tagged, u32, u64, verifies
from messages import number_of
from rules import VERSION, Refused, demand, parse
from wire import encode

IDENTITY, CONSENT, DISCLOSURE = 2, 4, 5
HOUR_MS = 3_600_000
CREDENTIAL_MS_MAX = 12 * HOUR_MS
WINDOW_MS = 120_000
READ = 1
COMMAND = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
BASIS_GRANT, BASIS_LAW = number_of("Basis", "grant"), number_of("Basis", "law")
PERMIT = number_of("Decide", "permit")
REVOKED = number_of("GrantStatus", "revoked")
WALLET = number_of("AttestedBy", "wallet")


def present(evidence, index, contract, what):
    """The value of `states[index]`, which must be there and of that contract, and its key."""
    demand(index < len(evidence.states), f"names state {index}, which is not there")
    state = evidence.states[index]
    demand(state.present and state.contract == contract, f"leans on no {what}")
    return state.key, state.value


def row_of(disclosure, evidence):
    """(tag, RowState)"""
    key, value = present(evidence, disclosure.row, DISCLOSURE, "row")
    demand(len(key) == 49 and key[0] == 1, "leans on no row")
    row = parse("RowState", value)
    demand(key[1:17] == row.custodian, "leans on no row")
    return key[17:], row


def time_of(height, evidence):
    for block in evidence.blocks:
        if block.header.height == height:
            return block.header.time_ms
    raise Refused(f"nothing shows the time of block {height}")


def check_decided(row, decided_ms, evidence):
    filed_ms = time_of(row.place.height, evidence)
    earliest_ms = time_of(row.intent_height, evidence) if row.intent_height else filed_ms - WINDOW_MS
    demand(earliest_ms <= decided_ms <= filed_ms + WINDOW_MS, "decided at a time that does not fit the row's blocks")


def check_user(user, manifest, evidence):
    demand(user.organisation == manifest.requester, "the user is another organisation's")
    demand(user.from_ms <= manifest.decided_ms < user.until_ms, "the user's credential was not in force")
    demand(user.until_ms - user.from_ms <= CREDENTIAL_MS_MAX, "the user's credential is for more than 12 hours")
    demand(user.id and user.role, "the user's credential names no person or no role")
    names = (user.id, user.name, user.role)
    demand(not any(COMMAND.search(name) for name in names), "a name of the user's credential holds a command to a terminal")
    said = b"salus.staff.v1" + evidence.header.network_id + encode(user, without="signature")
    demand(verifies(user.key.suite, user.key.public_key, user.signature, said), "the user's credential does not verify")
    place = b"\x02" + tagged("salus.keyowner.v1", u32(user.key.suite), user.key.public_key)
    owners = [state for state in evidence.states if (state.contract, state.key) == (IDENTITY, place)]
    demand(owners and owners[0].present, "nothing shows whose key signed the user's credential")
    demand(parse("KeyOwner", owners[0].value).account == manifest.requester, "the user's credential is signed by another's key")


def check_disclosure(disclosure, evidence):
    tag, row = row_of(disclosure, evidence)
    manifest = disclosure.manifest
    demand(manifest.version == VERSION, "another version")
    demand(tagged("salus.manifest.v1", encode(manifest)) == row.manifest, "the row commits to another manifest")
    demand((manifest.custodian, manifest.policy_version, manifest.intent_height) ==
           (row.custodian, row.policy_version, row.intent_height), "the row says otherwise")
    demand((manifest.grants[0] if manifest.grants else None) == row.grant, "the row cites another grant")
    demand((manifest.intent_id is not None) == (row.intent_height != 0), "an intent without a late row, or the reverse")
    demand(manifest.basis != BASIS_GRANT or manifest.grants, "no grant where that is the basis")
    demand(bool(manifest.law) == (manifest.basis == BASIS_LAW), "a law where that is not the basis, or the reverse")
    if manifest.user is not None:
        check_user(manifest.user, manifest, evidence)
    check_decided(row, manifest.decided_ms, evidence)
    index = manifest.tag_index or disclosure.tag_index
    if disclosure.view_key is None or manifest.tag_index:
        demand(disclosure.tag_index == 0, "a tag's index too many")
    if disclosure.view_key is not None:
        demand(len(disclosure.view_key) == 32, "a view key of another length")
        demand(index >= 1, "a view key without a tag's index")
        demand(hmac_sha256(disclosure.view_key, b"salus.disclosure.v1" + u64(index)) == tag, "another tag than the view key's")


def grant_of(grant, evidence):
    """(DecisionEntry, GrantState) of the newest decision."""
    key, value = present(evidence, grant.head, CONSENT, "grant")
    demand(key == b"\x01" + grant.terms.grant, "the head is another grant's")
    newest = parse("DecisionHead", value).n
    entry_key, entry_value = present(evidence, grant.entry, CONSENT, "grant")
    demand(entry_key == key + u64(newest), "not the newest decision")
    entry = parse("DecisionEntry", entry_value)
    return entry, parse("GrantState", entry.value)


def public_end(until_ms):
    up = -(-until_ms // HOUR_MS) * HOUR_MS
    return up if up < 1 << 64 else up - HOUR_MS


def check_grant(grant, evidence):
    _, state = grant_of(grant, evidence)
    terms = grant.terms
    demand(terms.version == VERSION, "another version")
    demand(tagged("salus.terms.v1", encode(terms)) == state.terms, "the chain commits to other terms")
    demand(terms.custodian == state.custodian, "of another custodian")
    demand(terms.from_ms < terms.until_ms and public_end(terms.until_ms) == state.not_after_ms, "another end")
    demand((state.control_key is not None) == (state.attested_by == WALLET), "a control key does not suit who attested")


def holds(check, *arguments):
    try:
        check(*arguments)
        return True
    except Refused:
        return False


def asker_matches(criteria, manifest):
    user = manifest.user
    return all((not criteria.organisations or manifest.requester in criteria.organisations,
                not criteria.practitioners or user is not None and user.id in criteria.practitioners,
                not criteria.roles or user is not None and user.role in criteria.roles,
                not criteria.purposes or manifest.purpose in criteria.purposes,
                not criteria.actions or READ in criteria.actions))


def leaf_matches(criteria, content):
    return ((not criteria.types or content.type in criteria.types) and
            (not criteria.instances or f"{content.type}/{content.id}" in criteria.instances))


def falls_for_certain(criteria, manifest, content):
    """Whether a disclosed leaf does, by what the file shows; `content` is None where its record is not in the file."""
    if criteria.codes or criteria.labels or criteria.author or criteria.data_from_ms or criteria.data_until_ms:
        return False
    named = criteria.types or criteria.instances
    return asker_matches(criteria, manifest) and (not named or content is not None and leaf_matches(criteria, content))


def may_fall(criteria, manifest, content):
    return asker_matches(criteria, manifest) and (content is None or leaf_matches(criteria, content))


def opened_leaves(manifest, evidence):
    """For each disclosed leaf its content, or None where its record is not in the file."""
    contents = {}
    for record in evidence.records:
        if record.leaf < len(evidence.leaves):
            leaf = evidence.leaves[record.leaf]
            contents[leaf.leaf, leaf.index] = record.opening.content
    return [contents.get((leaf.leaf, leaf.index)) for leaf in manifest.leaves]


def check_under_grant(disclosure, grant, evidence):
    if not holds(check_disclosure, disclosure, evidence) or not holds(check_grant, grant, evidence):
        return "not judged: the one or the other is not good"
    manifest, terms = disclosure.manifest, grant.terms
    _, row = row_of(disclosure, evidence)
    entry, state = grant_of(grant, evidence)
    demand(terms.custodian == manifest.custodian, "of another custodian")
    opened = opened_leaves(manifest, evidence)
    in_period = terms.from_ms <= manifest.decided_ms < terms.until_ms
    revoked = state.status == REVOKED and (
        entry.place.height <= row.intent_height if row.intent_height
        else (entry.place.height, entry.place.index) < (row.place.height, row.place.index))
    if terms.decide != PERMIT:
        denied = in_period and not revoked and any(
            falls_for_certain(terms.scope, manifest, content) and
            not any(may_fall(exception, manifest, content) for exception in terms.exceptions)
            for content in opened)
        demand(not denied, "it was denied")
        return None
    demand(in_period, "decided outside its period")
    demand(not revoked, "revoked before the data left")
    demand(asker_matches(terms.scope, manifest), "not for who asked")
    for content in opened:
        demand(content is None or leaf_matches(terms.scope, content), "what was disclosed is outside its scope")
        demand(not any(falls_for_certain(exception, manifest, content) for exception in terms.exceptions),
               "falls under an exception")
    return None
