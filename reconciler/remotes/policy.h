#pragma once
// Which remotes the kustomizations of a repository may name (Repository.spec.kustomize).

#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "renderer/ambient/remotes.h"

namespace swell::remotes {

struct Policy {
  std::string url;       // of the repository whose kustomizations are built
  std::string resource;  // the Repository that is for it; "" where none is declared
  std::vector<std::string> globs;
};

Policy PolicyFor(const std::vector<Repository>& repositories, const std::string& url);

// What the globs of a policy are matched with: "https://host/org/repo", "ssh://git@host/org/repo"
// (scp's form, too), without query, ".git" and a slash at the end; of a chart
// "https://host/repository/chart" or "oci://host/org/chart". kInvalidArgument for what could
// be read as another place than it says: credentials, other characters than a host's in the host,
// "." and ".." and escaped slashes in the path; kPermissionDenied for other schemes (file://).
Result<std::string> PolicyUrl(const RemoteName& remote);

bool IsAllowed(const RemoteName& remote, const Policy& policy);

// Ok, or kPermissionDenied, which names the remote, the kustomization, the Repository and what to
// add to it.
Status CheckAllowed(const RemoteName& remote, const WantedRemote& wanted, const Policy& policy);

}  // namespace swell::remotes
