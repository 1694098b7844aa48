// Certificates as identities.
//
// A certificate is found many times: in a file, in a bundle, in a keystore, on three endpoints. It
// is one credential (native id: SHA-256 of its DER), seen in several places. Its identity outlives
// a renewal, so it is known by issuer and subject; where a certificate is its own issuer, such
// names mean nothing ("CN=localhost" is everybody's) and its key is the identity. What joins a
// certificate with its private key, wherever either was found, is the id of the public key.
//
// Every Linux system trusts some 140 authorities. Their certificates are no identities of ours, so
// an authority counts only where its private key was found too, where an endpoint presents it as
// its own, or when the option `authorities` asks for all.
//
// Objects must be told once though pages are many, so the whole scan comes first, and a page is a
// part of its sorted result; the cursor is the key of the last object. A new process scans again. A
// file we may not read and an endpoint that does not answer are gaps, told with the page on which
// the scan was made: another process that takes over has its own.

#include "connectors/x509/x509.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "connectors/x509/client.hpp"
#include "crypto/contents.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::connect {
namespace {

constexpr std::string_view may_read = "read of the files under roots";
constexpr std::string_view may_connect = "TCP connection to endpoints";
constexpr std::string_view fix_read =
    "setfacl -m u:{account}:r {subject}   # and x on the folders above it";
constexpr std::string_view fix_connect = "openssl s_client -connect {subject} </dev/null";
constexpr Permission permissions[] = {
    {ObjectClass::identity, Purpose::discover, may_read, fix_read},
    {ObjectClass::credential, Purpose::discover, may_read, fix_read},
    {ObjectClass::sighting, Purpose::discover, may_read, fix_read},
    {ObjectClass::consumer, Purpose::discover, may_connect, fix_connect},
};
using Type = Option::Type;
constexpr Option known_options[] = {
    {"roots", Type::list, false, false, "",
     "Files, folders and patterns to look at: /etc/nginx,/etc/ssl/private/*.pem."},
    {"endpoints", Type::list, false, false, "",
     "Where certificates are presented: host:443, smtp://host:25, imap://, pop3://, ldap://, "
     "postgres://; host:443#name asks for a name."},
    {"timeout", Type::duration, false, false, "5s", "How long one endpoint may take."},
    {"authorities", Type::boolean, false, false, "no",
     "Also authorities whose private key is not here, such as the system's trust store."},
    {"page_size", Type::number, false, false, "1000", "Objects a page."},
};
constexpr Capability capabilities[] = {
    {.credential = "certificate", .last_use = LastUse::sampled, .max_live_secrets = 0}};
constexpr Info info_of_x509{
    .kind = "x509",
    .title = "X.509 certificates",
    .permissions = permissions,
    .help = "Certificates and their keys in files, keystores and on TLS and STARTTLS endpoints.",
    .options = known_options,
    .capabilities = capabilities,
};

constexpr ObjectClass classes[] = {ObjectClass::identity, ObjectClass::credential,
                                   ObjectClass::sighting, ObjectClass::consumer};
constexpr std::size_t file_bytes_max = 16U << 20;

/// A place where a certificate was found.
struct Place {
  std::string where;  ///< "file:/etc/a.pem:3", "tls:a:443".
  SightingMode mode{};
  Known<std::string> exposure;
  std::string consumer;  ///< Native id; empty: none.
};

/// Everything one look found, in the order it is told.
struct Scan {
  std::map<std::pair<ObjectClass, std::string>, Observation> objects;
  std::vector<Gap> gaps;
};

std::string short_hash(std::string_view text) {
  return crypto::to_hex(crypto::bytes_of(crypto::sha256(text)).substr(0, 16));
}

/// A native id must be short enough for an index; a hash keeps long ones apart.
std::string bounded(std::string const& id) {
  return id.size() <= 512 ? id : shortened(id, 400) + "~" + short_hash(id);
}

std::string identity_id(crypto::Certificate const& c) {
  if (c.self_signed) return "key:" + c.key.id;
  auto names = c.issuer + "\n" + c.subject;
  if (c.subject.empty())
    for (auto const& name : c.names) names += "\n" + name;
  return "certificate:" + short_hash(names);
}

std::string display_name(crypto::Certificate const& c) {
  if (!c.common_name.empty()) return c.common_name;
  if (!c.subject.empty()) return c.subject;
  return c.names.empty() ? "certificate " + c.serial : c.names.front();
}

std::string exposure(std::uint32_t mode) {
  if ((mode & 0004) != 0) return "others";
  return (mode & 0040) != 0 ? "group" : "owner";
}

Known<Instant> expiry(Instant at) {
  constexpr Instant for_ever = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
  if (at >= for_ever) return None{};
  return at;
}

/// What its own text says beyond the name: subject, alternative names, what could not be read.
std::string note_of(crypto::Certificate const& c) {
  auto note = "subject " + c.subject;
  if (!c.names.empty()) note += "; names " + join(c.names, ", ");
  if (!c.problems.empty()) note += "; problems: " + join(c.problems, ", ");
  return shortened(note, 4096);
}

/// "file:/etc/a.pem:3" for a line, "file:/etc/a.jks alias web" for what has none.
std::string place_in(std::string const& path, std::string const& place) {
  if (place.empty()) return "file:" + path;
  if (place.starts_with("line ")) return "file:" + path + ":" + place.substr(5);
  return "file:" + path + " " + place;
}

bool names_any(crypto::Certificate const& c, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(c.names, [&](std::string const& name) {
    return std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); });
  });
}

/// What signs others. `openssl req -x509` says so of each certificate it makes, so one that names a
/// server or a mailbox is taken for that.
bool is_authority(crypto::Certificate const& c) {
  return c.is_ca && !names_any(c, {"dns:", "ip:", "email:"});
}

/// Names of servers and workloads make it a service's, a mail address a person's; both, or neither,
/// tell nothing. An authority signs by program.
Known<bool> declared_person(crypto::Certificate const& c) {
  bool const service = is_authority(c) || names_any(c, {"dns:", "ip:", "uri:"});
  bool const person = names_any(c, {"email:"});
  if (service == person) return NotReported{};
  return person;
}

class Scanner {
 public:
  Scanner(x509::Client& client, Fingerprint const& fingerprint, X509Options const& options)
      : client_(client), fingerprint_(fingerprint), options_(options) {}

  Scan run() && {
    for (auto const& root : options_.roots) root_files(root);
    endpoints();
    for (auto const& [place, certificate] : certificates_) tell(place, certificate);
    for (auto const& [place, key] : keys_) tell(place, key);
    return std::move(scan_);
  }

 private:
  // --- looking ---
  void root_files(std::string const& root) {
    auto const list = client_.list(root);
    if (!list) return unseen_file(root, list.error());
    for (auto const& obstacle : list->obstacles) unseen_file(obstacle.path, obstacle.why);
    for (auto const& file : list->files)
      if (seen_files_.insert(file.path).second) one_file(root, file);
  }

  void one_file(std::string const& root, x509::File const& file) {
    if (file.size > file_bytes_max && !may_hold_keys(file.path)) return;
    auto bytes = client_.read(root, file.path, file_bytes_max);
    if (!bytes) return unseen_file(file.path, bytes.error());
    auto const contents = crypto::look_inside(*bytes, fingerprint_);
    wipe(*bytes);
    auto const where = [&](std::string const& place) { return place_in(file.path, place); };
    for (auto const& found : contents.certificates)
      certificates_.emplace_back(Place{where(found.place), SightingMode::stored, NotReported{}, ""},
                                 found.what);
    for (auto const& found : contents.private_keys)
      private_key(Place{where(found.place), SightingMode::stored, exposure(file.mode), ""},
                  found.what);
    for (auto const& bad : contents.malformed)
      gap({ObjectClass::identity, ObjectClass::credential, ObjectClass::sighting}, "",
          where(bad.line > 0 ? "line " + std::to_string(bad.line) : bad.place) + ": " + bad.why,
          "");
    if (contents.sealed)
      gap({ObjectClass::identity, ObjectClass::credential, ObjectClass::sighting}, "",
          where("") + ": a " + contents.format + " keystore whose password we do not have",
          "keytool -list -v -keystore " + shell_quote(file.path));
  }

  /// A large file is read only when its name says that it should hold keys.
  static bool may_hold_keys(std::string_view path) {
    constexpr std::string_view endings[] = {".pem", ".crt", ".cer",      ".der", ".p7b", ".p12",
                                            ".pfx", ".jks", ".keystore", ".ks",  ".key"};
    return std::ranges::any_of(endings, [&](auto ending) { return path.ends_with(ending); });
  }

  void private_key(Place place, crypto::PrivateKey const& key) {
    if (key.key && !key.key->id.empty()) {
      own_keys_.insert(key.key->id);
      keys_.emplace_back(std::move(place), key.key->id);
      return;
    }
    gap({ObjectClass::sighting}, "",
        place.where + ": a private key whose public half is " +
            (key.encrypted ? "hidden by its password" : "of a kind we cannot read"),
        "");
  }

  void endpoints() {
    auto const answers = client_.handshakes(options_.endpoints);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto const id = options_.endpoints[i].text();
      if (answers[i])
        presented(id, *answers[i]);
      else
        unseen_endpoint(options_.endpoints[i], answers[i].error());
    }
  }

  void presented(std::string const& id, x509::Chain const& chain) {
    bool own = true;
    for (auto const& der : chain.certificates) {
      auto certificate = crypto::parse_certificate(der);
      if (!certificate) {
        all_classes_gap("", id + ": " + certificate.error().to_string(), "");
        continue;
      }
      if (own) {
        presented_.insert(certificate->sha256);
        consumer(id, identity_id(*certificate), chain.protocol);
      }
      certificates_.emplace_back(Place{id, SightingMode::used, None{}, own ? id : ""},
                                 *std::move(certificate));
      own = false;
    }
  }

  // --- telling ---
  void put(ObjectClass at, std::string const& id, Observation&& seen) {
    scan_.objects.try_emplace({at, id}, std::move(seen));
  }

  bool counts(crypto::Certificate const& c) const {
    return !c.is_ca || options_.authorities || own_keys_.contains(c.key.id) ||
           presented_.contains(c.sha256);
  }

  void tell(Place const& place, crypto::Certificate const& c) {
    if (!counts(c)) return;
    auto const identity = identity_id(c);
    identities_by_key_.try_emplace(c.key.id, identity);
    put(ObjectClass::identity, identity,
        {Identity{.native_id = identity,
                  .name = display_name(c),
                  .kind = "certificate",
                  .note = note_of(c),
                  .declared_person = declared_person(c),
                  .interactive = false},
         place.where});
    put(ObjectClass::credential, c.sha256, {credential(c, identity), place.where});
    Sighting sighting{.identity = identity,
                      .fingerprint = c.key.id,
                      .kind = "certificate",
                      .where = place.where,
                      .mode = place.mode,
                      .exposure = place.exposure};
    if (!place.consumer.empty()) sighting.consumer = place.consumer;
    sight("certificate " + c.sha256.substr(0, 16), std::move(sighting));
  }

  static Credential credential(crypto::Certificate const& c, std::string const& identity) {
    Credential out{.native_id = c.sha256,
                   .identity = identity,
                   .kind = "certificate",
                   .label = "serial " + c.serial,
                   .algorithm = c.key.algorithm,
                   .signature = c.signature,
                   .issuer = None{},
                   .fingerprint = c.key.id,
                   .created = c.not_before,
                   .expires = expiry(c.not_after),
                   .restrictions = None{}};
    if (!c.self_signed) out.issuer = c.issuer;
    auto restrictions = c.usages;
    if (is_authority(c)) restrictions.insert(restrictions.begin(), "authority");
    if (!restrictions.empty()) out.restrictions = join(restrictions, ",");
    return out;
  }

  void tell(Place const& place, std::string const& key) {
    auto const found = identities_by_key_.find(key);
    sight("private_key", {.identity = found == identities_by_key_.end() ? "" : found->second,
                          .fingerprint = key,
                          .kind = "private_key",
                          .where = place.where,
                          .mode = place.mode,
                          .exposure = place.exposure});
  }

  void sight(std::string const& what, Sighting sighting) {
    auto const id = bounded(clean_utf8(sighting.where) + " " + what);
    auto const evidence = sighting.where;
    sighting.native_id = id;
    put(ObjectClass::sighting, id, {std::move(sighting), evidence});
  }

  void consumer(std::string const& id, std::string const& identity, std::string const& protocol) {
    put(ObjectClass::consumer, id,
        {Consumer{.native_id = id,
                  .name = id,
                  .kind = "endpoint",
                  .identity = identity,
                  .how = "presented it in a " + protocol + " handshake"},
         id});
  }

  // --- what was not seen ---
  void gap(std::initializer_list<ObjectClass> of, std::string_view missing, std::string const& why,
           std::string const& fix) {
    for (auto const at : of)
      scan_.gaps.push_back({at, "", std::string(missing), clean_utf8(why), fix});
  }
  void all_classes_gap(std::string_view missing, std::string const& why, std::string const& fix) {
    for (auto const at : classes) gap({at}, missing, why, fix);
  }

  void unseen_file(std::string const& path, Error const& why) {
    bool const denied = why.code() == Errc::denied;
    auto const fix = denied ? fill_in(fix_read, "", shell_quote(path)) : "";
    gap({ObjectClass::identity, ObjectClass::credential, ObjectClass::sighting},
        denied ? may_read : "", why.to_string(), fix);
  }

  void unseen_endpoint(x509::Endpoint const& endpoint, Error const& why) {
    auto const at = endpoint.host + ":" + endpoint.port;
    all_classes_gap(why.code() == Errc::denied ? may_connect : "", why.to_string(),
                    fill_in(fix_connect, "", at));
  }

  x509::Client& client_;
  Fingerprint const& fingerprint_;
  X509Options const& options_;
  Scan scan_;
  std::set<std::string> seen_files_, own_keys_, presented_;
  std::vector<std::pair<Place, crypto::Certificate>> certificates_;
  std::vector<std::pair<Place, std::string>>
      keys_;  ///< Private ones, by the id of their public half.
  std::map<std::string, std::string> identities_by_key_;
};

class X509 final : public Connector {
 public:
  X509(std::string source, std::unique_ptr<x509::Client> client, Fingerprint fingerprint,
       X509Options chosen)
      : source_(std::move(source)),
        client_(std::move(client)),
        fingerprint_(std::move(fingerprint)),
        options_(std::move(chosen)) {}

  Info const& info() const override { return info_of_x509; }
  std::string_view source() const override { return source_; }

 private:
  Result<Check> do_check(Instant) override {
    Check check{.account = "uid " + std::to_string(::geteuid()),
                .version = OpenSSL_version(OPENSSL_VERSION)};
    for (auto const& root : options_.roots) {
      auto const list = client_->list(root);
      if (!list && list.error().code() != Errc::denied)
        return std::unexpected(Error(list.error()).during("root " + root));
      bool const whole = list && std::ranges::none_of(list->obstacles, is_denied);
      if (!whole && check.missing.empty()) check.missing.emplace_back(may_read);
    }
    return check;
  }

  Result<Page> do_enumerate(std::string_view cursor) override {
    Page page;
    if (cursor.empty() || !scan_) {
      scan_ = scan();
      page.gaps = scan_->gaps;
    }
    auto at = scan_->objects.begin();
    if (!cursor.empty()) at = scan_->objects.upper_bound(TRY(key_of(cursor)));
    for (; at != scan_->objects.end() && page.observations.size() < page_size(); ++at) {
      page.observations.push_back(at->second);
      page.next = cursor_of(at->first);
    }
    if (at == scan_->objects.end()) page.next.clear();
    return page;
  }

  Result<std::vector<Coverage>> do_coverage() override {
    if (!scan_) scan_ = scan();
    std::vector<Coverage> out;
    for (auto const at : classes) out.push_back(coverage_of(at, *scan_));
    return out;
  }

  static Coverage coverage_of(ObjectClass at, Scan const& scan) {
    Coverage out{.object_class = at, .state = CoverageState::complete};
    for (auto const& gap : scan.gaps) {
      if (gap.object_class != at) continue;
      if (out.state == CoverageState::complete || (out.missing.empty() && !gap.missing.empty())) {
        out.missing = gap.missing;
        out.reason = gap.why;
        out.fix = gap.fix;
      }
      out.state = CoverageState::partial;
    }
    return out;
  }

  Scan scan() { return Scanner(*client_, fingerprint_, options_).run(); }
  std::size_t page_size() const { return std::size_t(std::max(options_.page_size, 1)); }

  static bool is_denied(x509::Obstacle const& obstacle) {
    return obstacle.why.code() == Errc::denied;
  }

  using Key = std::pair<ObjectClass, std::string>;
  static std::string cursor_of(Key const& key) {
    return std::string(name(key.first)) + " " + crypto::to_base64url(key.second);
  }
  static Result<Key> key_of(std::string_view cursor) {
    auto const space = cursor.find(' ');
    auto const wrong = [] { return fail(Errc::invalid, "not a cursor of the x509 connector"); };
    if (space == std::string_view::npos) return wrong();
    auto const found = std::ranges::find_if(
        classes, [&](ObjectClass at) { return name(at) == cursor.substr(0, space); });
    auto id = crypto::from_base64url(cursor.substr(space + 1));
    if (found == std::end(classes) || !id) return wrong();
    return Key(*found, *std::move(id));
  }

  std::string source_;
  std::unique_ptr<x509::Client> client_;
  Fingerprint fingerprint_;
  X509Options options_;
  std::optional<Scan> scan_;
};

}  // namespace

std::unique_ptr<Connector> make_x509(std::string source, std::unique_ptr<x509::Client> client,
                                     Fingerprint fingerprint, X509Options chosen) {
  return std::make_unique<X509>(std::move(source), std::move(client), std::move(fingerprint),
                                std::move(chosen));
}

Info const& x509_info() {
  return info_of_x509;
}

Kind x509_kind() {
  auto make = [](std::string source, Settings const& settings,
                 Fingerprint fingerprint) -> Result<std::unique_ptr<Connector>> {
    X509Options chosen{.roots = settings.list("roots"), .authorities = settings.yes("authorities")};
    for (auto const& text : settings.list("endpoints"))
      chosen.endpoints.push_back(TRY_DURING(x509::parse_endpoint(text), "source " + source));
    if (chosen.roots.empty() && chosen.endpoints.empty())
      return fail(Errc::invalid, "source " + source + " needs roots, endpoints or both");
    chosen.page_size = int(std::clamp<std::int64_t>(settings.number("page_size"), 1, 10'000));
    return make_x509(std::move(source), x509::make_client(settings.duration("timeout")),
                     std::move(fingerprint), std::move(chosen));
  };
  return {info_of_x509, std::move(make), {}};
}

}  // namespace reeve::connect
