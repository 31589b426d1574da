"""An exported chain, without executing it: docs/protocol.md, "Export" and "Block"."""

from crypto import tagged
from log import Frontier, leaf_hash, root_of
from rules import (ZERO, VERSION, Certificates, block_hash, check_genesis, check_succession, check_transaction,
                   check_validators, demand, era_hash, parse, system_id, transaction_leaf)
from wire import encode

MAGIC = b"SALUSEX1"
GENESIS, ERA, BLOCK, CERTIFICATE, FOOTER = range(1, 6)
WINDOW_MS = 120_000


def records(data):
    """Yields (kind, body, place of the record)."""
    position = len(MAGIC)
    while position < len(data):
        demand(len(data) - position >= 5, "ends inside a record")
        kind, length = data[position], int.from_bytes(data[position + 1:position + 5], "big")
        demand(length <= len(data) - position - 5, "ends inside a record")
        yield kind, data[position + 5:position + 5 + length], position
        position += 5 + length


class Chain:
    """What was read so far."""

    def __init__(self, genesis, network):
        self.network, self.era, self.era_pending = network, genesis.era, False
        self.header, self.height, self.hash, self.time_ms = None, 0, network, genesis.time_ms
        self.history, self.certified, self.known = Frontier(), 0, set()
        self.certificates = Certificates(self.era)
        self.transactions = 0

    def add_era(self, record):
        """The members who signed it are compared with the state, which only execution gives."""
        demand(self.header is not None and not self.era_pending, "an era record that no block stands between")
        check_succession(record, self.era, self.header)
        check_validators(record, {validator.organisation for validator in record.validators})
        self.era, self.era_pending, self.certificates = record, True, Certificates(record)

    def add_block(self, block):
        header = block.header
        demand(header.version == VERSION and header.network_id == self.network, "another version or network")
        demand(header.height == self.height + 1 and header.parent_hash == self.hash, "not behind the block before")
        demand(header.era == self.era.era, "another era")
        demand(header.time_ms >= self.time_ms, "earlier than the block before")
        demand(header.history_root == self.history.root(), "another history root")
        self.check_content(block)
        self.header, self.height, self.hash, self.time_ms = header, header.height, block_hash(header), header.time_ms
        self.history.append(leaf_hash(self.hash))
        self.era_pending = False

    def check_content(self, block):
        header, system = block.header, block.system
        count = len(system) + len(block.transactions)
        demand(count >= 1 and count == header.tx_count == len(block.receipts) == len(block.events),
               "another number of transactions")
        opened = [entry.what for entry in system if entry.what.kind == "EraOpened"]
        demand(len(opened) == (1 if self.era_pending else 0), "opens an era that is not due, or none where one is")
        demand(not opened or system[0].what is opened[0] and opened[0].record == era_hash(self.era), "opens another era")
        leaves, ids = [], []
        for index, entry in enumerate(map(encode, system)):
            ids.append((system_id(header.height, index, entry), 0))
            leaves.append(transaction_leaf(ids[-1][0], 0, entry))
        for data in block.transactions:
            identity, body = check_transaction(data, VERSION, self.network)
            # Admissible as far as no state is needed: within the window, and once in a history.
            demand(0 < body.valid_until_ms - header.time_ms <= WINDOW_MS, "a transaction outside its window")
            demand(identity not in self.known, "a transaction twice")
            self.known.add(identity)
            ids.append((identity, body.contract))
            leaves.append(transaction_leaf(identity, body.valid_until_ms, data))
        demand(root_of(leaves) == header.tx_root, "another transactions root")
        for (identity, contract), receipt, events in zip(ids, block.receipts, block.events):
            demand((receipt.id, receipt.contract) == (identity, contract), "a receipt of another transaction")
            digest = tagged("salus.events.v1", encode(events)) if events.events else ZERO
            demand(receipt.events == digest, "a receipt of other events")
        demand(root_of(map(encode, block.receipts)) == header.receipt_root, "another receipts root")
        self.transactions += count


def verify_chain(data):
    """Returns the statements that hold; raises Refused at the first that does not."""
    chain = None
    footer = None
    certificate_due = False
    for kind, body, place in records(data):
        demand(footer is None, "something follows the footer")
        demand((kind == GENESIS) == (chain is None), "the genesis does not stand first, once")
        if kind == GENESIS:
            chain = Chain(*check_genesis(body))
        elif kind == ERA:
            chain.add_era(parse("EraRecord", body))
        elif kind == BLOCK:
            chain.add_block(parse("Block", body))
        elif kind == CERTIFICATE:
            demand(certificate_due, "a certificate that stands behind no block")
            chain.certificates.check(parse("Certificate", body), chain.header)
            chain.certified = chain.height
        elif kind == FOOTER:
            footer = parse("ExportFooter", body)
            demand(footer.blocks == chain.height, "the footer counts other blocks")
            demand(footer.digest == tagged("salus.export.v1", data[:place]), "the footer has another digest")
        else:
            demand(False, f"a record of kind {kind}")
        certificate_due = kind == BLOCK
    demand(footer is not None, "ends without its footer")
    demand(not chain.era_pending, "an era record without its block")
    demand(chain.certified == chain.height, "the newest block is not certified")
    return [f"network {chain.network.hex()}",
            f"{chain.height} blocks from the genesis on, each linked to the one below and to all history",
            f"{chain.transactions} transactions, every signature good",
            "not executed: state roots, results and the members who signed a later era are taken as they stand"]
