#include "connectors/host/secrets_files.hpp"

#include <utility>

#include "base/text.hpp"
#include "connectors/host/keys_file.hpp"
#include "connectors/host/secrets_document.hpp"
#include "connectors/host/secrets_documents.hpp"
#include "connectors/host/secrets_lines.hpp"

namespace reeve::host {
namespace {

constexpr SecretFile home_files[] = {
    {".aws/credentials", Format::ini},
    {".aws/config", Format::ini},
    {".aws/sso/cache/*.json", Format::json},
    {".aws/cli/cache/*.json", Format::json},
    {".azure/accessTokens.json", Format::json},
    {".azure/azureProfile.json", Format::json},
    {".azure/msal_token_cache.json", Format::json},
    {".azure/service_principal_entries.json", Format::json},
    {".bash_profile", Format::shell},
    {".bashrc", Format::shell},
    {".boto", Format::ini},
    {".cache/huggingface/token", Format::token, "huggingface_token"},
    {".cargo/credentials", Format::toml},
    {".cargo/credentials.toml", Format::toml},
    {".circleci/cli.yml", Format::yaml},
    {".claude/.credentials.json", Format::json},
    {".cloudflared/*.json", Format::json},
    {".codex/auth.json", Format::json},
    {".composer/auth.json", Format::json},
    {".config/argocd/config", Format::yaml},
    {".config/composer/auth.json", Format::json},
    {".config/containers/auth.json", Format::docker},
    {".config/doctl/config.yaml", Format::yaml},
    {".config/environment.d/*.conf", Format::env},
    {".config/gcloud/application_default_credentials.json", Format::gcloud},
    {".config/gcloud/legacy_credentials/*/adc.json", Format::gcloud},
    {".config/gh/hosts.yml", Format::yaml},
    {".config/git/config", Format::ini},
    {".config/git/credentials", Format::urls},
    {".config/glab-cli/config.yml", Format::yaml},
    {".config/helm/registry/config.json", Format::docker},
    {".config/helm/repositories.yaml", Format::yaml},
    {".config/hub", Format::yaml},
    {".config/netlify/config.json", Format::json},
    {".config/op/config", Format::json},
    {".config/openstack/clouds.yaml", Format::yaml},
    {".config/openstack/secure.yaml", Format::yaml},
    {".config/pip/pip.conf", Format::ini},
    {".config/pypoetry/auth.toml", Format::toml},
    {".config/rclone/rclone.conf", Format::ini},
    {".config/sops/age/keys.txt", Format::urls},
    {".config/stripe/config.toml", Format::toml},
    {".databrickscfg", Format::ini},
    {".docker/config.json", Format::docker},
    {".erlang.cookie", Format::token, "erlang_cookie"},
    {".fly/config.yml", Format::yaml},
    {".gem/credentials", Format::yaml},
    {".gemini/oauth_creds.json", Format::json},
    {".git-credentials", Format::urls},
    {".gitconfig", Format::ini},
    {".huggingface/token", Format::token, "huggingface_token"},
    {".kaggle/kaggle.json", Format::json},
    {".kube/config", Format::kubeconfig},
    {".kube/*.config", Format::kubeconfig},
    {".kube/*.yaml", Format::kubeconfig},
    {".kube/*.yml", Format::kubeconfig},
    {".local/share/com.vercel.cli/auth.json", Format::json},
    {".local/share/opencode/auth.json", Format::json},
    {".local/share/uv/credentials/credentials.toml", Format::toml},
    {".my.cnf", Format::ini},
    {".netrc", Format::netrc},
    {".npmrc", Format::npmrc},
    {".oci/config", Format::ini},
    {".passwd-s3fs", Format::pairs},
    {".pgpass", Format::pgpass},
    {".pip/pip.conf", Format::ini},
    {".profile", Format::shell},
    {".pulumi/credentials.json", Format::json},
    {".pypirc", Format::ini},
    {".s3cfg", Format::ini},
    {".sentryclirc", Format::ini},
    {".smbcredentials", Format::env},
    {".snowflake/config.toml", Format::toml},
    {".snowflake/connections.toml", Format::toml},
    {".snowsql/config", Format::ini},
    {".ssh/*", Format::keys},
    {".terraform.d/credentials.tfrc.json", Format::json},
    {".terraformrc", Format::ini},
    {".vault-token", Format::token, "vault_token"},
    {".yarnrc.yml", Format::yaml},
    {".zprofile", Format::shell},
    {".zshenv", Format::shell},
    {".zshrc", Format::shell},
};

constexpr SecretFile system_files[] = {
    {"/etc/apt/auth.conf", Format::netrc},
    {"/etc/apt/auth.conf.d/*", Format::netrc},
    {"/etc/boto.cfg", Format::ini},
    {"/etc/containers/auth.json", Format::docker},
    {"/etc/default/*", Format::shell},
    {"/etc/docker/config.json", Format::docker},
    {"/etc/environment", Format::env},
    {"/etc/environment.d/*.conf", Format::env},
    {"/etc/gitconfig", Format::ini},
    {"/etc/gitlab-runner/config.toml", Format::toml},
    {"/etc/grafana/grafana.ini", Format::ini},
    {"/etc/kubernetes/*.conf", Format::kubeconfig},
    {"/etc/mysql/debian.cnf", Format::ini},
    {"/etc/mysql/my.cnf", Format::ini},
    {"/etc/npmrc", Format::npmrc},
    {"/etc/openstack/clouds.yaml", Format::yaml},
    {"/etc/passwd-s3fs", Format::pairs},
    {"/etc/pip.conf", Format::ini},
    {"/etc/profile.d/*.sh", Format::shell},
    {"/etc/rancher/k3s/k3s.yaml", Format::kubeconfig},
    {"/etc/rancher/rke2/rke2.yaml", Format::kubeconfig},
    {"/etc/sysconfig/*", Format::shell},
    {"/etc/wireguard/*.conf", Format::ini},
    {"/run/secrets/kubernetes.io/serviceaccount/token", Format::token, "kubernetes_token"},
    {"/var/lib/kubelet/config.json", Format::docker},
    {"/var/lib/kubelet/kubeconfig", Format::kubeconfig},
};

/// The first that matches decides; what is named here without a use is looked at by nobody.
constexpr SecretFile names[] = {
    {".env", Format::env},
    {".env.*", Format::env},
    {"*.env", Format::env},
    {".envrc", Format::shell},
    {".npmrc", Format::npmrc},
    {".netrc", Format::netrc},
    {"_netrc", Format::netrc},
    {".pgpass", Format::pgpass},
    {"pgpass.conf", Format::pgpass},
    {".git-credentials", Format::urls},
    {".pypirc", Format::ini},
    {"pip.conf", Format::ini},
    {".my.cnf", Format::ini},
    {".vault-token", Format::token, "vault_token"},
    {"kubeconfig", Format::kubeconfig},
    {"*.kubeconfig", Format::kubeconfig},
    {"kubeconfig.y*ml", Format::kubeconfig},
    {"application_default_credentials.json", Format::gcloud},
    {"service-account*.json", Format::gcloud},
    {"service_account*.json", Format::gcloud},
    {"serviceaccount*.json", Format::gcloud},
    {"gcp-key*.json", Format::gcloud},
    {"credentials.json", Format::json},
    {"client_secret*.json", Format::json},
    {"secrets.json", Format::json},
    {"secrets.y*ml", Format::yaml},
    {"secrets.toml", Format::toml},
    {"*.tfvars", Format::ini},
    {"*.tfstate", Format::settings},
    {"appsettings*.json", Format::settings},
    {"docker-compose*.y*ml", Format::settings},
    {"compose*.y*ml", Format::settings},
    {"application*.y*ml", Format::settings},
    {"application*.properties", Format::shell},
    {"database.yml", Format::settings},
    {"id_rsa*", Format::keys},
    {"id_dsa*", Format::keys},
    {"id_ecdsa*", Format::keys},
    {"id_ed25519*", Format::keys},
    {"*.pem", Format::keys},
    {"*.key", Format::keys},
    {"*.ppk", Format::keys},
    {"*.crt", Format::keys},
    {"*.cer", Format::keys},
    {"*.der", Format::keys},
    {"*.p7b", Format::keys},
    {"*.p12", Format::keys},
    {"*.pfx", Format::keys},
    {"*.jks", Format::keys},
    {"*.keystore", Format::keys},
    {"*.keytab", Format::keys},
};

/// Names of drafts: they are there to be copied and filled in.
constexpr std::string_view drafts[] = {"*.example",    "*.sample", "*.template",  "*.dist",
                                       "*.tmpl",       "*.schema", "*.example.*", "*.sample.*",
                                       "*.template.*", "*.pub",    "*.j2",        "*.erb"};

void find_in_document(Format format, std::string_view bytes, Finder& finder) {
  bool const yaml = format == Format::yaml || format == Format::kubeconfig ||
                    (format == Format::settings && !trim(bytes).starts_with('{'));
  auto const root = format == Format::toml ? read_toml(bytes)
                    : yaml                 ? parse_yaml(bytes)
                                           : read_json(bytes);
  if (!root) {
    finder.malformed(root.error());
    return find_in_broken(bytes, finder);
  }
  if (format == Format::kubeconfig) return find_in_kubeconfig(*root, finder);
  if (format == Format::docker) return find_in_docker(*root, finder);
  if (format == Format::gcloud) return find_in_gcloud(*root, finder);
  find_in_tree(*root, finder,
               format == Format::settings ? scan::Place::anywhere : scan::Place::settings);
}

void find(SecretFile const& file, std::string_view bytes, Finder& finder) {
  switch (file.format) {
    case Format::env:
    case Format::shell: return find_in_env(bytes, finder, scan::Place::anywhere);
    case Format::ini: return find_in_ini(bytes, finder);
    case Format::npmrc: return find_in_npmrc(bytes, finder);
    case Format::netrc: return find_in_netrc(bytes, finder);
    case Format::urls: return find_in_urls(bytes, finder);
    case Format::pgpass: return find_in_pgpass(bytes, finder);
    case Format::pairs: return find_in_pairs(bytes, finder);
    case Format::token: return find_token_file(file.kind, bytes, finder);
    case Format::keys: return find_in_key_file(bytes, finder);
    case Format::json:
    case Format::yaml:
    case Format::toml:
    case Format::settings:
    case Format::kubeconfig:
    case Format::docker:
    case Format::gcloud: return find_in_document(file.format, bytes, finder);
  }
}

}  // namespace

std::span<SecretFile const> home_secret_files() {
  return home_files;
}
std::span<SecretFile const> system_secret_files() {
  return system_files;
}

bool matches(std::string_view pattern, std::string_view name) {
  // Greedy with one step back: what the last star took grows until the rest fits.
  std::size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<SecretFile> secret_file_named(std::string_view name) {
  for (auto const pattern : drafts)
    if (matches(pattern, name)) return {};
  for (auto const& file : names)
    if (matches(file.path, name)) return file;
  return {};
}

FoundInFile find_in_file(SecretFile const& file, std::string_view bytes,
                         connect::Fingerprint const& fingerprint) {
  Finder finder(fingerprint);
  if (bytes.size() > secret_file_bytes_max)
    finder.malformed(0, std::to_string(bytes.size()) + " bytes, at most " +
                            std::to_string(secret_file_bytes_max) + " are read");
  else
    find(file, bytes, finder);
  return finder.take();
}

}  // namespace reeve::host
