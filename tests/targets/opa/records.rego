# What tests/authzen/certification.cedar says, as somebody might have written it before, with two slips: an admin may
# write everything, not only what is archived, and a hard delete is as good as a soft one.
package records

default allow := false

allow if input.action.name == "read"

allow if {
	input.action.name == "write"
	input.subject.id == "alice"
	not archived
}

allow if {
	input.action.name == "write"
	input.subject.properties.role == "admin"
}

allow if {
	input.action.name == "delete"
	input.subject.id == "alice"
}

archived if input.resource.properties.status == "archived"

# the same with reasons and something to do besides
verdict := {"allow": allow, "reasons": ["records"], "obligations": [{"id": "mfa", "type": "step-up"}]}

# no boolean
odd := "yes"

# defined for readers only
reading if input.action.name == "read"
