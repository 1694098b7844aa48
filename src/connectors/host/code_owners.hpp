#pragma once

#include <string>
#include <string_view>

#include "connectors/host/client.hpp"

namespace reeve::host {

/// Whom CODEOWNERS gives for a path relative to its folder: the last line whose pattern matches, as
/// GitHub, GitLab and Gitea have it. Owners stand with blanks between, "@" taken off: "alice
/// team/web bob@example.com"; empty: nobody.
std::string code_owners_of(std::string_view code_owners, std::string_view path);

/// The same for a file, from the nearest CODEOWNERS in its folder or one above, there also in
/// .github, .gitlab and docs: "alice by /srv/app/.github/CODEOWNERS"; empty: there is none. At most
/// 64 KiB are read, 12 folders gone up.
std::string code_owners_near(Tree& tree, std::string_view file);

}  // namespace reeve::host
