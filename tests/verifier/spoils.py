"""One change for each rule, made to a message of a forged file before it is hashed and signed: SPOILS is target -> [change].

Some change nothing that a rule is about: those files must stay good. What a change does to a file, both verifiers say.
"""

from wire import Message

OTHER16, OTHER32 = bytes(range(16)), bytes(range(32))
HOUR_MS = 3_600_000


def put(**fields):
    return lambda made: made.update(fields)


def add(**steps):
    return lambda made: made.update({name: made[name] + step for name, step in steps.items()})


def twice(name):
    return lambda made: made.update({name: made[name] + made[name][:1]})


def backwards(name):
    return lambda made: made.update({name: made[name][::-1]})


def less(name):
    return lambda made: made.update({name: made[name][:-1]})


def more(name, element):
    return lambda made: made.update({name: [*made[name], element]})


def inside(name, change, index=0):
    """A change of a message in a field, or of one of the repeated there."""
    return lambda made: change(made[name][index] if isinstance(made[name], list) else made[name]) if made[name] else None


def both(*changes):
    return lambda made: [change(made) for change in changes]


def signer(data):
    return Message("Signer", {"suite": 1, "public_key": data})


def account_key(data, use=1):
    return Message("AccountKey", {"use": use, "suite": 1, "public_key": data})


def same_key_sealing(made):
    made["keys"] = [*made["keys"], account_key(made["keys"][0].public_key, 2)]


SIGNATURE = Message("MemberSignature", {"member": OTHER16, "key": signer(OTHER32), "signature": bytes(64)})
COMETBFT = Message("CometBftCertificate", {"header": b"h", "commit": b"c", "validators": b"v"})

SPOILS = {
    "account": [put(name=""), put(owner=OTHER16), put(kind=2), put(kind=2, owner=OTHER16), put(keys=[]), twice("keys"), same_key_sealing,
                inside("keys", put(use=2)), inside("keys", put(suite=2)), inside("keys", put(public_key=OTHER32[1:])),
                more("keys", account_key(OTHER32, 2)), more("keys", account_key(OTHER32, 3))],
    "admission": [put(account=OTHER16), put(jurisdiction=""), put(jurisdiction="nowhere"), put(kind=7), put(licences=["", "x"])],
    "genesis": [put(version=2), put(name=""), put(members=[]), twice("members"), less("members"), twice("parameters"),
                *(inside("parameters", put(value=value)) for value in (50, 51, 100, 101)),
                inside("parameters", put(parameter=7, value=2)), inside("parameters", put(parameter=7, value=0)), twice("policies"),
                inside("policies", put(version=0)), inside("policies", put(document=b"")), inside("policies", put(jurisdiction="")),
                put(policies=[]), put(parameters=[]), put(mode=0),
                lambda made: made.era.validators[0].update(key=signer(made.members[0].account["keys"][0].public_key))],
    "first era": [put(era=2), put(first_height=2), put(parent_hash=OTHER32), put(signatures=[SIGNATURE]), put(chain_id="x"),
                  put(engine=2), put(engine=2, chain_id="x"), put(validators=[]), twice("validators"), put(reason="why not")],
    "validator": [put(power=0), put(power=1 << 63), put(organisation=OTHER16), inside("key", put(public_key=OTHER32[1:])),
                  put(key=signer(OTHER32))],
    "later era": [add(era=1), add(first_height=1), put(parent_hash=bytes(32)), put(chain_id="x"), put(engine=2, chain_id="x"),
                  twice("validators"), put(validators=[]), put(reason="")],
    "later validator": [put(power=0), put(organisation=OTHER16), inside("key", put(public_key=b""))],
    "signed era": [backwards("signatures"), twice("signatures"), put(signatures=[]), less("signatures"), more("signatures", SIGNATURE),
                   inside("signatures", put(signature=bytes(64))), inside("signatures", put(member=OTHER16)), put(reason="another")],
    "parent header": [put(version=2), put(network_id=OTHER32), add(era=1), add(height=1), put(state_root=OTHER32), put(height=0)],
    "header": [put(version=2), put(network_id=OTHER32), add(era=1), add(height=1), put(parent_hash=OTHER32), put(history_root=OTHER32),
               put(height=0), put(era=0), put(time_ms=0), put(tx_root=OTHER32), put(tx_count=0), put(receipt_root=OTHER32)],
    "certificate": [put(by=COMETBFT), inside("by", put(operator_key=signer(OTHER32))), inside("by", put(signature=bytes(64))),
                    inside("by", put(signature=b""))],
    "engine header": [add(height=1), put(height=0), put(chain_id="another"), put(chain_id=""), put(app_hash=OTHER32), put(app_hash=b""),
                      put(validators_hash=OTHER32), put(next_validators_hash=OTHER32), inside("time", put(nanos=10**9)),
                      inside("time", put(nanos=10**9 - 1)), inside("time", put(seconds=253_402_300_800)),
                      inside("time", put(seconds=(1 << 64) - 62_135_596_801)), inside("time", put(seconds=(1 << 64) - 1)),
                      put(height=1 << 63), put(proposer_address=b"")],
    "engine commit": [add(height=1), put(round=1 << 31), put(round=(1 << 31) - 1), inside("block_id", put(hash=OTHER32)),
                      inside("block_id", put(hash=b""))],
    "engine validator": [add(voting_power=1), put(voting_power=0), put(voting_power=1 << 60), put(address=bytes(20)),
                         put(proposer_priority=(1 << 64) - 3)],
    "engine validators": [twice("validators"), less("validators"), backwards("validators"), put(validators=[]),
                          put(total_voting_power=7), lambda made: made.update(proposer=made["validators"][0])],
    "vote": [put(block_id_flag=1), put(block_id_flag=3), put(validator_address=b""), inside("timestamp", put(nanos=10**9)),
             inside("timestamp", put(seconds=253_402_300_800)), inside("timestamp", put(seconds=0))],
    "signed vote": [put(block_id_flag=1), put(block_id_flag=3), put(block_id_flag=2), put(signature=bytes(64)), put(signature=b""),
                    put(validator_address=bytes(20)), inside("timestamp", add(nanos=1))],
    "absent vote": [put(block_id_flag=2), put(block_id_flag=3), put(signature=bytes(64)), put(validator_address=bytes(20)),
                    inside("timestamp", put(seconds=0)), inside("timestamp", put(nanos=1))],
    "engine certificate": [put(header=b""), put(commit=b""), put(validators=b"")],
    "head of member": [add(n=1), put(n=0)],
    "head of threshold": [add(n=1), put(n=0)],
    "head of grant": [add(n=1), put(n=0)],
    "entry of grant": [put(value=b""), put(value=b"\xff")],
    "member state": [put(status=2, suspended_ms=0), put(status=2, suspended_ms=1 << 63), put(kind=7)],
    "member list": [less("accounts"), backwards("accounts"), put(accounts=[]), more("accounts", OTHER16), twice("accounts")],
    "account state": [put(status=2), put(keys=[]), inside("keys", put(use=2)), inside("keys", put(public_key=OTHER32))],
    "frontier": [more("peaks", OTHER32), less("peaks"), add(count=1), put(count=0, peaks=[]), backwards("peaks")],
    "superseded": [put(height=0, index=0)],
    "content": [put(digest_suite=2), put(digest_suite=0), put(digest=OTHER32), put(custodian=OTHER16), put(type=""), put(op=6)],
    "chain": [add(seq=1)],
    "opening": [add(index=1), put(chain=OTHER32), inside("content", add(version=1))],
    "record": [add(leaf=1), put(leaf=99), add(superseded=1), put(superseded=99), put(resource=b""), put(resource=None), put(chain=None)],
    "proven leaf": [add(log=1), put(log=99), add(index=1), put(leaf=OTHER32), less("path"), more("path", OTHER32), put(index=1 << 63)],
    "audit record": [put(version=2), put(version=0), put(action=1), put(allowed=True), put(purpose=99), put(padding=b"")],
    "audit event": [add(leaf=-1), put(leaf=99), add(index=1), add(count=1), put(count=0), less("path"), more("path", OTHER32),
                    put(events_root=OTHER32), add(interval=1), put(salt=OTHER16), inside("record", add(number=1))],
    "credential": [put(organisation=OTHER16), put(role=""), put(id=""), put(name=""), put(from_ms=0), put(until_ms=(1 << 64) - 1),
                   *(lambda made, ms=ms: made.update(until_ms=made.from_ms + 12 * HOUR_MS + ms) for ms in (0, 1)),
                   put(key=signer(OTHER32))],
    "signed credential": [put(signature=bytes(64)), put(signature=b""), put(name="another")],
    "owner": [put(account=OTHER16), put(use=2), put(use=3)],
    "disclosed": [put(leaf=OTHER32), add(index=1), put(form=0), put(form=2)],
    "manifest": [put(version=2), put(version=0), put(custodian=OTHER16), add(policy_version=1), add(intent_height=1),
                 put(intent_id=OTHER16), put(intent_id=None), put(grants=[]), more("grants", OTHER16),
                 lambda made: made.update(grants=[OTHER16, *made.grants]), put(law=""), put(law="x"), put(basis=1), put(basis=4),
                 put(tag_index=0), add(tag_index=1), put(requester=OTHER16), put(user=None), put(jurisdiction=""), put(leaves=[])],
    "row": [put(custodian=OTHER16), put(grant=None), put(grant=OTHER16), add(policy_version=1), put(intent_height=0), put(intent_height=9),
            put(manifest=OTHER32), inside("place", put(height=1)), inside("place", put(height=9))],
    "disclosure": [put(view_key=OTHER32[1:]), put(view_key=b""), put(view_key=OTHER32), put(view_key=None), put(tag_index=1),
                   put(tag_index=0), put(row=99), add(row=1), inside("manifest", put(salt=OTHER16))],
    "terms": [put(version=2), put(grant=OTHER16), put(custodian=OTHER16), put(from_ms=0), put(until_ms=1), put(decide=2), put(decide=1),
              lambda made: made.update(from_ms=made.until_ms), put(supersedes=[OTHER16]), put(paper=OTHER32)],
    "grant state": [put(control_key=None), put(control_key=signer(OTHER32)), put(attested_by=1), put(attested_by=2),
                    put(custodian=OTHER16), add(not_after_ms=HOUR_MS), add(not_after_ms=1), put(terms=OTHER32), put(status=2)],
    "proven grant": [add(head=1), add(entry=1), put(head=99), put(entry=99), lambda made: made.update(head=made.entry),
                     inside("terms", put(salt=OTHER16))],
    "proven block": [more("path", OTHER32), less("path"), inside("header", add(time_ms=1)), inside("header", add(height=1))],
    "proven transaction": [add(block=1), put(block=99), add(index=1), put(index=99), less("transaction_path"), less("receipt_path"),
                           more("transaction_path", OTHER32), more("receipt_path", OTHER32), inside("receipt", add(code=1)),
                           put(transaction=b"")],
    "body": [put(version=2), put(version=0), put(network_id=OTHER32), *(put(contract=number) for number in (0, 6, 7, 11)),
             twice("signers"), put(signers=[]), backwards("signers"), inside("signers", put(public_key=b"")),
             inside("signers", put(public_key=OTHER32)), put(valid_until_ms=0), put(payload=b"")],
    "signed": [twice("signatures"), put(signatures=[]), backwards("signatures"), more("signatures", b""),
               lambda made: made.update(signatures=[bytes(64)] * len(made.signatures))],
    "receipt": [put(id=OTHER32), put(contract=0), put(contract=11), add(code=1), put(events=OTHER32)],
    "era proof": [less("path"), more("path", OTHER32), put(states=[]), less("states"), twice("states"), backwards("states"),
                  inside("parent", add(time_ms=1)), lambda made: made.states[0].update(present=False),
                  lambda made: made.states[0].update(value=b"")],
    "state": [put(present=False), put(present=False, value=b""), put(value=b""), inside("proof", twice("siblings")),
              inside("proof", add(depth=1)), inside("proof", lambda made: made.update(empty=made.empty + b"\0")),
              inside("proof", lambda made: made.update(empty=made.empty + b"\1")), inside("proof", put(depth=257)),
              inside("proof", put(other_path=OTHER32)), inside("proof", put(other_path=OTHER32, other_value_hash=OTHER32))],
    "evidence": [put(version=2), put(version=0), put(eras=[]), twice("eras"), less("eras"), put(era_proofs=[]), twice("era_proofs"),
                 put(genesis=b""), twice("validator_changes"), backwards("validator_changes"),
                 put(validator_changes=[]), put(validator_changes=[COMETBFT]), twice("states"), twice("records"), twice("blocks"), twice("grants"), put(records=[]), put(leaves=[])],
    # Of exports
    "events": [put(events=[]), twice("events"), inside("events", put(data=b"x"))],
    "block": [less("receipts"), less("events"), less("transactions"), less("system"), twice("transactions"), backwards("transactions"),
              twice("system"), backwards("system")],
    "lower header": [put(version=2), put(network_id=OTHER32), add(era=1), add(height=1), put(parent_hash=OTHER32), put(time_ms=0),
                     put(history_root=OTHER32), put(tx_count=0), put(time_ms=1 << 63)],
    "footer": [add(blocks=1), put(blocks=0)],
}
