#pragma once

#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "connect/info.hpp"
#include "posture/rule.hpp"

namespace CLI {
class App;
}

namespace reeve::cli {

std::string connector_page(connect::Info const& info);
std::string rule_page(posture::Rule const& rule);
std::string api_page(Json const& openapi);
std::string cli_page(CLI::App const& app);
std::string errors_page();
std::string config_page();

}  // namespace reeve::cli
