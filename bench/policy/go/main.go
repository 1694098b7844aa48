// cedar-go on the same files as policy.cpp: from (type, id) to decision, reasons, errors.
// go-bench world POLICIES ENTITIES REQUESTS SCHEMA [LINKS]: it has no templates, so links are written out.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

type pair struct{ Type, Id string }
type ask struct {
	Principal, Action, Resource pair
	Decision                    string
	Reason                      []string
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	must(err)
	return text
}

func uid(p pair) types.EntityUID {
	return types.NewEntityUID(types.EntityType(p.Type), types.String(p.Id))
}

func literal(v json.RawMessage) string {
	var p pair
	must(json.Unmarshal(v, &p))
	return string(uid(p).MarshalCedar())
}

// addActions adds the actions of the schema with their groups.
func addActions(schema []byte, out types.EntityMap) {
	var spaces map[string]struct {
		Actions map[string]struct{ MemberOf []pair }
	}
	must(json.Unmarshal(schema, &spaces))
	for space, content := range spaces {
		kind := strings.TrimPrefix(space+"::Action", "::")
		for id, action := range content.Actions {
			var parents []types.EntityUID
			for _, group := range action.MemberOf {
				parents = append(parents, uid(pair{kind, group.Id}))
			}
			me := uid(pair{kind, id})
			out[me] = types.Entity{UID: me, Parents: types.NewEntityUIDSet(parents...)}
		}
	}
}

// policies reads the file; templates are written out once for each link, under its id.
func policies(text []byte, links string) *cedar.PolicySet {
	set := cedar.NewPolicySet()
	bodies := map[string]string{}
	for i, part := range strings.SplitAfter(string(text), ";") {
		var lines []string
		for _, line := range strings.Split(part, "\n") {
			if !strings.HasPrefix(strings.TrimSpace(line), "//") {
				lines = append(lines, line)
			}
		}
		body := strings.TrimSpace(strings.Join(lines, "\n"))
		if strings.Contains(body, "?") {
			bodies[strings.Split(body, "\"")[1]] = body
		} else if body != "" {
			var p cedar.Policy
			must(p.UnmarshalCedar([]byte(body)))
			set.Add(types.PolicyID(fmt.Sprintf("policy%d", i)), &p)
		}
	}
	if links == "" {
		return set
	}
	var list []struct {
		TemplateId, NewId string
		Values            map[string]json.RawMessage
	}
	must(json.Unmarshal(read(links), &list))
	for _, link := range list {
		body := bodies[link.TemplateId]
		for slot, value := range link.Values {
			body = strings.ReplaceAll(body, slot, literal(value))
		}
		var p cedar.Policy
		must(p.UnmarshalCedar([]byte(body)))
		set.Add(types.PolicyID(link.NewId), &p)
	}
	return set
}

func main() {
	args := os.Args
	links, rounds := "", 40
	if len(args) > 6 {
		links, rounds = args[6], 5
	}
	set := policies(read(args[2]), links)
	var entities types.EntityMap
	must(json.Unmarshal(read(args[3]), &entities))
	addActions(read(args[5]), entities)
	var asks []ask
	for _, line := range strings.Split(strings.TrimSpace(string(read(args[4]))), "\n") {
		var a ask
		must(json.Unmarshal([]byte(line), &a))
		asks = append(asks, a)
	}
	decide := func(a *ask) (types.Decision, types.Diagnostic) {
		return cedar.Authorize(set, entities, types.Request{
			Principal: uid(a.Principal), Action: uid(a.Action), Resource: uid(a.Resource), Context: types.Record{}})
	}
	for i := range asks {
		decision, diagnostic := decide(&asks[i])
		var got []string
		for _, reason := range diagnostic.Reasons {
			got = append(got, string(reason.PolicyID))
		}
		sort.Strings(got)
		if decision.String() != asks[i].Decision || strings.Join(got, " ") != strings.Join(asks[i].Reason, " ") {
			panic(fmt.Sprint("wrong answer: ", decision, got, asks[i]))
		}
	}
	var times []int
	for range rounds {
		for i := range asks {
			start := time.Now()
			decide(&asks[i])
			times = append(times, int(time.Since(start)))
		}
	}
	sort.Ints(times)
	fmt.Printf("%s\tcedar-go\t%d\t%d\n", args[3], times[len(times)/2], times[len(times)*99/100])
}
