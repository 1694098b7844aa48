# From the users and records that the interop vectors assume ($all[0]) to entities in Cedar's form. $suite: of which suite.
def entity($type; $attrs): {uid: {type: $type, id: .id}, attrs: $attrs, parents: []};
[$all[0] |
  if $suite == "search" then
    (.search.users[] | entity("user"; {role, department})),
    (.search.records[] | entity("record"; {title, department, owner: {__entity: {type: "user", id: .owner}}})),
    ("view", "edit", "delete" | {uid: {type: "Action", id: .}, attrs: {}, parents: []})
  elif $suite == "todo" then .todo.users[] | entity("user"; {email, roles})
  elif $suite == "gateway" then .todo.users[] | entity("identity"; {email, roles})
  else error("no such suite") end]
