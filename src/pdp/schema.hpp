// The Cedar schema of the product: what policies may say of its principals, actions, resources and
// the moment. Made from the model's fields, the table of actions and the table of attributes, so
// that it cannot say anything else than they do.
#pragma once

#include <memory>
#include <string>

#include "cedar/schema.hpp"
#include "cedar/types.hpp"

namespace reeve::pdp {

/// As text, with a sentence about each part; docs/reeve.cedarschema holds the same.
std::string product_schema_text();

struct PolicySchema {
  cedar::SchemaText text;  ///< With its annotations.
  cedar::Schema schema;
};
/// Errors: invalid.
Result<std::shared_ptr<PolicySchema const>> read_schema(std::string_view text);
/// That of the product. Errors: those of read_schema, which would be our bug.
Result<std::shared_ptr<PolicySchema const>> product_schema();

}  // namespace reeve::pdp
