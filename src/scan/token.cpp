#include "scan/token.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace reeve::scan {
namespace {

enum class Alphabet : std::uint8_t { alnum, hex, base32, base64, base64url, dotted };

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alnum(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

bool belongs(Alphabet alphabet, char c) {
  switch (alphabet) {
    case Alphabet::alnum: return is_alnum(c);
    case Alphabet::hex: return is_digit(c) || (c >= 'a' && c <= 'f');
    case Alphabet::base32: return is_digit(c) || is_upper(c);
    case Alphabet::base64: return is_alnum(c) || c == '+' || c == '/' || c == '=';
    case Alphabet::base64url: return is_alnum(c) || c == '-' || c == '_';
    case Alphabet::dotted: return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '=';
  }
  return false;
}

/// Prefix, then `min` to `max` characters of the alphabet, then a character that is not of it.
struct Shape {
  std::string_view prefix, kind;
  Alphabet alphabet;
  std::size_t min, max;
};

constexpr std::size_t any = 4096;
using enum Alphabet;

// Sorted by prefix, so that a longer prefix comes after its own beginning: read backwards, the
// most specific shape is tried first.
constexpr Shape shapes[] = {
    {"1//0", "google_refresh_token", base64url, 30, any},
    {"AGE-SECRET-KEY-1", "age_key", base32, 58, 58},
    {"AIza", "google_api_key", base64url, 35, 35},
    {"AKCp", "jfrog_api_key", alnum, 50, 80},
    {"ATATT3", "atlassian_token", dotted, 50, 300},
    {"ATBB", "bitbucket_app_password", alnum, 24, 40},
    {"ATCTT3", "atlassian_token", dotted, 50, 300},
    {"GOCSPX-", "google_client_secret", base64url, 20, 40},
    {"HRKU-", "heroku_key", base64url, 30, 80},
    {"NRAK-", "newrelic_key", alnum, 27, 27},
    {"PMAK-", "postman_key", base64url, 40, 80},
    {"SG.", "sendgrid_key", dotted, 60, 80},
    {"apify_api_", "apify_token", alnum, 30, 60},
    {"cfat_", "cloudflare_token", alnum, 40, 60},
    {"cfk_", "cloudflare_key", alnum, 40, 60},
    {"cfut_", "cloudflare_token", alnum, 40, 60},
    {"cio", "crates_io_token", alnum, 32, 32},
    {"dapi", "databricks_token", hex, 32, 32},
    {"dckr_oat_", "docker_token", base64url, 20, 60},
    {"dckr_pat_", "docker_token", base64url, 20, 60},
    {"doo_v1_", "digitalocean_token", hex, 64, 64},
    {"dop_v1_", "digitalocean_token", hex, 64, 64},
    {"dor_v1_", "digitalocean_token", hex, 64, 64},
    {"dp.ct.", "doppler_token", alnum, 40, 50},
    {"dp.pt.", "doppler_token", alnum, 40, 50},
    {"dp.st.", "doppler_token", dotted, 40, 80},
    {"dt0c01.", "dynatrace_token", dotted, 80, 120},
    {"figd_", "figma_token", base64url, 30, 80},
    {"fo1_", "fly_token", base64url, 40, 60},
    {"gho_", "github_oauth_token", alnum, 30, 255},
    {"ghp_", "github_pat", alnum, 30, 255},
    {"ghr_", "github_refresh_token", alnum, 30, 255},
    {"ghs_", "github_app_token", alnum, 30, 255},
    {"ghu_", "github_app_token", alnum, 30, 255},
    {"github_pat_", "github_pat", base64url, 40, 255},
    {"glagent-", "gitlab_token", base64url, 20, 100},
    {"glc_", "grafana_cloud_token", base64, 40, 500},
    {"glcbt-", "gitlab_token", dotted, 20, 100},
    {"gldt-", "gitlab_deploy_token", base64url, 20, 100},
    {"glft-", "gitlab_token", base64url, 20, 100},
    {"gloas-", "gitlab_token", alnum, 40, 100},
    {"glpat-", "gitlab_pat", dotted, 20, 300},
    {"glptt-", "gitlab_token", hex, 40, 40},
    {"glrt-", "gitlab_runner_token", dotted, 20, 100},
    {"glsa_", "grafana_token", base64url, 41, 41},
    {"glsoat-", "gitlab_token", base64url, 20, 100},
    {"gsk_", "groq_key", alnum, 40, 80},
    {"hf_", "huggingface_token", alnum, 30, 50},
    {"hvb.", "vault_token", base64url, 60, 400},
    {"hvr.", "vault_token", base64url, 20, 400},
    {"hvs.", "vault_token", base64url, 20, 400},
    {"lin_api_", "linear_key", alnum, 32, 64},
    {"lsv2_pt_", "langsmith_key", base64url, 30, 60},
    {"lsv2_sk_", "langsmith_key", base64url, 30, 60},
    {"npm_", "npm_token", alnum, 30, 60},
    {"ntn_", "notion_token", alnum, 40, 60},
    {"nvapi-", "nvidia_key", base64url, 50, 80},
    {"ops_eyJ", "onepassword_token", base64, 200, any},
    {"phx_", "posthog_key", alnum, 40, 60},
    {"pplx-", "perplexity_key", alnum, 40, 60},
    {"pscale_oauth_", "planetscale_token", dotted, 32, 64},
    {"pscale_pw_", "planetscale_token", dotted, 32, 64},
    {"pscale_tkn_", "planetscale_token", dotted, 32, 64},
    {"pul-", "pulumi_token", hex, 40, 40},
    {"pypi-AgE", "pypi_token", base64url, 40, any},
    {"r8_", "replicate_token", alnum, 37, 40},
    {"rk_live_", "stripe_key", alnum, 10, 255},
    {"rk_test_", "stripe_key", alnum, 10, 255},
    {"rnd_", "render_key", alnum, 28, 40},
    {"rubygems_", "rubygems_key", hex, 48, 48},
    {"sbp_", "supabase_token", hex, 40, 40},
    {"sgp_", "sourcegraph_token", base64url, 40, 80},
    {"shpat_", "shopify_token", hex, 32, 32},
    {"shpca_", "shopify_token", hex, 32, 32},
    {"shppa_", "shopify_token", hex, 32, 32},
    {"shpss_", "shopify_token", hex, 32, 32},
    {"sk-", "openai_key", alnum, 32, 64},
    {"sk-admin-", "openai_key", base64url, 30, 255},
    {"sk-ant-", "anthropic_key", base64url, 20, 255},
    {"sk-or-", "openrouter_key", base64url, 40, 100},
    {"sk-proj-", "openai_key", base64url, 30, 255},
    {"sk-svcacct-", "openai_key", base64url, 30, 255},
    {"sk_live_", "stripe_key", alnum, 10, 255},
    {"sk_test_", "stripe_key", alnum, 10, 255},
    {"sntrys_", "sentry_token", base64, 60, any},
    {"sntryu_", "sentry_token", hex, 64, 64},
    {"sq0atp-", "square_token", base64url, 22, 60},
    {"sq0csp-", "square_token", base64url, 43, 60},
    {"tskey-", "tailscale_key", base64url, 20, 100},
    {"tvly-", "tavily_key", base64url, 20, 60},
    {"whsec_", "stripe_webhook_secret", base64, 24, 100},
    {"xai-", "xai_key", alnum, 60, 100},
    {"xapp-", "slack_token", base64url, 20, 255},
    {"xkeysib-", "brevo_key", base64url, 70, 100},
    {"xoxa-", "slack_token", base64url, 10, 255},
    {"xoxb-", "slack_token", base64url, 10, 255},
    {"xoxc-", "slack_token", base64url, 10, 255},
    {"xoxd-", "slack_token", base64url, 10, 255},
    {"xoxe-", "slack_token", base64url, 10, 255},
    {"xoxe.", "slack_token", dotted, 20, 255},
    {"xoxo-", "slack_token", base64url, 10, 255},
    {"xoxp-", "slack_token", base64url, 10, 255},
    {"xoxr-", "slack_token", base64url, 10, 255},
    {"xoxs-", "slack_token", base64url, 10, 255},
    {"ya29.", "google_oauth_token", base64url, 20, any},
};

static_assert(std::ranges::is_sorted(shapes, {}, &Shape::prefix));

std::size_t run(std::string_view text, std::size_t at, Alphabet alphabet) {
  auto end = at;
  while (end < text.size() && belongs(alphabet, text[end])) ++end;
  return end - at;
}

std::optional<Token> shaped(Shape const& shape, std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with(shape.prefix)) return {};
  auto size = run(text, at + shape.prefix.size(), shape.alphabet);
  // A full stop or dash behind a token ends the sentence, not the token.
  while (size > 0 && shape.alphabet == dotted && text[at + shape.prefix.size() + size - 1] == '.')
    --size;
  if (size < shape.min || size > shape.max) return {};
  return Token{shape.kind, at, shape.prefix.size() + size};
}

/// The rows whose prefix begins with `first`.
std::span<Shape const> rows(char first) {
  auto const [begin, end] = std::ranges::equal_range(
      shapes, first, {}, [](Shape const& shape) { return shape.prefix.front(); });
  return {begin, end};
}

/// Unique ids of AWS (IAM user guide, "Unique identifiers"): four letters and 16 base32 digits.
/// AKIA and ASIA name an access key; the rest name principals and are of no use here.
std::optional<Token> aws_key_id(std::string_view text, std::size_t at) {
  auto const head = text.substr(at, 4);
  if (head != "AKIA" && head != "ASIA") return {};
  if (run(text, at, base32) != 20) return {};
  return Token{"aws_access_key_id", at, 20, /*is_public=*/true};
}

/// RFC 7519: three base64url parts; both header and payload begin with `{"`, so with "eyJ".
std::optional<Token> jwt(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("eyJ")) return {};
  auto const header = run(text, at, base64url);
  auto const payload_at = at + header + 1;
  if (payload_at >= text.size() || text[payload_at - 1] != '.') return {};
  if (!text.substr(payload_at).starts_with("eyJ")) return {};
  auto const payload = run(text, payload_at, base64url);
  auto const signature_at = payload_at + payload + 1;
  if (signature_at >= text.size() || text[signature_at - 1] != '.') return {};
  auto const signature = run(text, signature_at, base64url);
  if (header < 10 || payload < 10 || signature < 16) return {};
  return Token{"jwt", at, signature_at + signature - at};
}

/// Terraform Cloud: 14 characters, ".atlasv1.", 60 to 70 more.
std::optional<Token> atlas(std::string_view text, std::size_t at) {
  constexpr std::string_view middle = ".atlasv1.";
  if (run(text, at, alnum) != 14 || !text.substr(at + 14).starts_with(middle)) return {};
  auto const tail = run(text, at + 14 + middle.size(), base64url);
  if (tail < 50 || tail > 80) return {};
  return Token{"terraform_token", at, 14 + middle.size() + tail};
}

/// Telegram bots: their number, a colon, 35 characters that begin with "AA".
std::optional<Token> telegram(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end - at < 8 || end - at > 10 || !text.substr(end).starts_with(":AA")) return {};
  if (run(text, end + 1, base64url) != 35) return {};
  return Token{"telegram_bot_token", at, end + 36 - at};
}

/// Client secrets of Entra applications: three characters, a digit, "Q~", 31 or more.
std::optional<Token> entra(std::string_view text, std::size_t at) {
  if (run(text, at, alnum) != 5 || !text.substr(at + 4).starts_with("Q~")) return {};
  auto end = at + 6;
  while (end < text.size() && (belongs(dotted, text[end]) || text[end] == '~')) ++end;
  if (end - at < 37 || end - at > 42) return {};
  return Token{"entra_client_secret", at, end - at};
}

/// The address of an incoming webhook is all that one needs to post: a secret as a whole.
std::optional<Token> slack_webhook(std::string_view text, std::size_t at) {
  constexpr std::string_view head = "https://hooks.slack.com/";
  if (!text.substr(at).starts_with(head)) return {};
  auto end = at + head.size();
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '/')) ++end;
  if (end - at < head.size() + 30) return {};
  return Token{"slack_webhook", at, end - at};
}

bool inside_word(std::string_view text, std::size_t at) {
  return at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '_');
}

}  // namespace

std::optional<Token> token_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || inside_word(text, at)) return {};
  auto const candidates = rows(text[at]);
  for (auto shape = candidates.rbegin(); shape != candidates.rend(); ++shape)
    if (auto found = shaped(*shape, text, at)) return found;
  for (auto const special : {aws_key_id, jwt, slack_webhook, telegram, entra, atlas})
    if (auto found = special(text, at)) return found;
  return {};
}

std::vector<Token> tokens(std::string_view text) {
  std::vector<Token> all;
  for (std::size_t at = 0; at < text.size();) {
    auto const found = token_at(text, at);
    if (found) all.push_back(*found);
    at += found ? found->size : 1;
  }
  return all;
}

}  // namespace reeve::scan
