"""Certificates of CometBFT for the forged network: validators that change, some of whom are absent or vote for nil."""

from cometbft import ABSENT, COMMIT, FIRST_SECOND, address, header_hash, validators_hash, vote_bytes
from wire import encode

CHAIN = "forged"
NIL = 3
ENGINE_SECOND = 1_800_000_000


class ForgedValidators:
    """Who vouches in an era of CometBFT; `make` and `adopt` are the forger's, so that one message may be another."""

    def __init__(self, forger, keys, message):
        self.forger, self.keys, self.message, self.random = forger, keys, message, forger.random
        self.height = self.random.choice((0, 0, 6))
        self.powers = {f"v{index}": self.random.choice((9, 10, 10, 11)) for index in range(4)}

    def in_record(self, organisation):
        return [self.forger.make("later validator", "Validator", key=self.keys[name].signer(), power=power, organisation=organisation)
                for name, power in self.powers.items()]

    def validators(self, powers):
        made = [self.message("CometBftValidator", address=address(self.keys[name].public), voting_power=power,
                             pub_key=self.message("CometBftPublicKey", ed25519=self.keys[name].public)) for name, power in powers.items()]
        return sorted(made, key=lambda one: (-one.voting_power, one.address))

    def changed(self):
        """The set after a change, mostly of few; as many as before, so that a further change finds some to change."""
        powers = dict(self.powers)
        for name in self.random.sample(sorted(powers), self.random.choice((0, 1, 1, 2, 3))):
            if self.random.random() < 0.5:
                powers[name] += self.random.choice((1, 30))
            else:
                newcomers = [name for name in (f"v{index}" for index in range(8)) if name not in powers]
                del powers[name]
                powers[self.random.choice(newcomers)] = 10
        return powers

    def changes(self):
        """Certificates of a few blocks, each perhaps by other validators; the last of them lead on."""
        return [self.certificate(bytes(32)) for _ in range(self.random.choice((0, 0, 1, 2)))]

    def certificate(self, app_hash):
        powers, following = self.powers, self.changed() if self.random.random() < 0.3 else self.powers
        self.height += self.random.choice((1, 1, 2, 7))
        self.powers = following
        make, message = self.forger.make, self.message
        second = ENGINE_SECOND + self.height
        one_set = make("engine validators", "CometBftValidatorSet", validators=[
            self.forger.adopt("engine validator", validator) for validator in self.validators(powers)])
        header = make("engine header", "CometBftHeader", version=message("CometBftVersion", block=11), chain_id=CHAIN, height=self.height,
                      time=message("CometBftTimestamp", seconds=second), last_block_id=self.block_id(bytes(32)),
                      validators_hash=validators_hash(one_set["validators"]),
                      next_validators_hash=validators_hash(self.validators(following)), app_hash=app_hash)
        commit = make("engine commit", "CometBftCommit", height=self.height, round=self.random.choice((0, 0, 1)),
                      block_id=self.block_id(header_hash(header)))
        commit["signatures"] = [self.vote(commit, validator, second) for validator in one_set["validators"]]
        return make("engine certificate", "CometBftCertificate", header=encode(header), commit=encode(commit),
                    validators=encode(one_set))

    def block_id(self, data):
        return self.message("CometBftBlockId", hash=data, part_set_header=self.message("CometBftPartSetHeader", total=1, hash=bytes(32)))

    def vote(self, commit, validator, second):
        flag = self.random.choice((COMMIT,) * 12 + (ABSENT, NIL))
        if flag == ABSENT:
            return self.forger.make("absent vote", "CometBftCommitSig", block_id_flag=ABSENT,
                                    timestamp=self.message("CometBftTimestamp", seconds=FIRST_SECOND % (1 << 64)))
        vote = self.forger.make("vote", "CometBftCommitSig", block_id_flag=flag, validator_address=validator.address,
                                timestamp=self.message("CometBftTimestamp", seconds=second, nanos=self.random.choice((0, 7))))
        signer = next((key for key in self.keys.values() if address(key.public) == validator.address), self.keys["stranger"])
        vote["signature"] = signer.sign(vote_bytes(CHAIN, commit, vote))
        return self.forger.adopt("signed vote", vote)
