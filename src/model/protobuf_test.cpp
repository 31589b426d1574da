/// libprotobuf as a peer that shares no code with ours: it compiles docs/salus.proto, so the document is tested too.

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/sample_message.hpp"

namespace salus {
namespace {

namespace pb = google::protobuf;

class Complaints : public pb::compiler::MultiFileErrorCollector {
public:
    void AddError(const std::string& file, int line, int, const std::string& message) override {
        ADD_FAILURE() << file << ":" << line + 1 << ": " << message;
    }
};

/// docs/salus.proto, compiled once.
class Peer {
public:
    static Peer& get() {
        static Peer peer;
        return peer;
    }
    std::unique_ptr<pb::Message> make(std::string_view name) {
        const auto* descriptor = importer_.pool()->FindMessageTypeByName("salus.v1." + std::string(name));
        return descriptor == nullptr ? nullptr : std::unique_ptr<pb::Message>(factory_.GetPrototype(descriptor)->New());
    }

private:
    Peer() : importer_(&tree_, &complaints_) {
        tree_.MapPath("", SALUS_SOURCE_DIR "/docs");
        EXPECT_NE(importer_.Import("salus.proto"), nullptr);
    }

    Complaints complaints_;
    pb::compiler::DiskSourceTree tree_;
    pb::compiler::Importer importer_;
    pb::DynamicMessageFactory factory_;
};

Bytes serialise(const pb::Message& message) {
    std::string out;
    pb::io::StringOutputStream stream(&out);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
    coded.Trim();
    return to_bytes(out);
}

template <codec::Message M>
void copy_message(pb::Message& out, const M& message);

/// Sets one field of libprotobuf's message, found by number, from ours; `add` for a repeated one.
template <class T>
void copy_value(pb::Message& out, const pb::FieldDescriptor* field, const T& value, bool add) {
    using namespace codec::detail;
    const pb::Reflection& reflection = *out.GetReflection();
    if constexpr (std::is_same_v<T, bool>) {
        reflection.SetBool(&out, field, value);
    } else if constexpr (std::is_enum_v<T>) {
        const auto* named = field->enum_type()->FindValueByNumber(static_cast<int>(value));
        ASSERT_NE(named, nullptr) << field->full_name();
        reflection.SetEnum(&out, field, named);
    } else if constexpr (std::is_same_v<T, std::uint32_t>) {
        reflection.SetUInt32(&out, field, value);
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
        if (add)
            reflection.AddUInt64(&out, field, value);
        else
            reflection.SetUInt64(&out, field, value);
    } else if constexpr (Fixed<T> || Blob<T>) {
        const std::string bytes(as_text(view(value)));
        if (add)
            reflection.AddString(&out, field, bytes);
        else
            reflection.SetString(&out, field, bytes);
    } else {
        copy_message(add ? *reflection.AddMessage(&out, field) : *reflection.MutableMessage(&out, field), value);
    }
}

template <codec::Message M>
void copy_message(pb::Message& out, const M& message) {
    using namespace codec::detail;
    codec::each_field(M::kFields,
                      [&]<class Message, class T, std::uint32_t N>(const codec::Field<N, Message, T>& ours) {
                          const T& value = message.*(ours.member);
                          const auto descriptor = [&](std::uint32_t number) {
                              return out.GetDescriptor()->FindFieldByNumber(static_cast<int>(number));
                          };
                          if constexpr (kIsOneof<T>) {
                              std::visit(
                                  [&](const auto& alternative) {
                                      const auto* field = descriptor(N + static_cast<std::uint32_t>(value.index()));
                                      EXPECT_EQ(field->containing_oneof()->name(), ours.name);
                                      copy_value(out, field, alternative, false);
                                  },
                                  value);
                          } else {
                              const auto* field = descriptor(N);
                              EXPECT_EQ(field->name(), ours.name);
                              if constexpr (kIsOptional<T>) {
                                  if (value) copy_value(out, field, *value, false);
                              } else if constexpr (kIsRepeated<T>) {
                                  for (const auto& element : value) copy_value(out, field, element, true);
                              } else {
                                  copy_value(out, field, value, false);
                              }
                          }
                          return true;
                      });
}

RC_GTEST_PROP(Protobuf, OurBytesAreWhatLibprotobufWritesForTheSameFields, (std::uint64_t seed)) {
    each_message([&]<class M>() {
        const M message = MessageMaker(seed).make<M>();
        const auto theirs = Peer::get().make(M::kName);
        RC_ASSERT(theirs != nullptr);
        copy_message(*theirs, message);
        RC_ASSERT(serialise(*theirs) == codec::encode(message));
    });
}

RC_GTEST_PROP(Protobuf, LibprotobufReadsOurBytesAndWritesThemAgain, (std::uint64_t seed)) {
    each_message([&]<class M>() {
        const Bytes ours = codec::encode(MessageMaker(seed).make<M>());
        const auto theirs = Peer::get().make(M::kName);
        RC_ASSERT(theirs->ParseFromArray(ours.data(), static_cast<int>(ours.size())));
        RC_ASSERT(theirs->GetReflection()->GetUnknownFields(*theirs).empty());
        RC_ASSERT(serialise(*theirs) == ours);
    });
}

}  // namespace
}  // namespace salus
