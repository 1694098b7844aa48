// The crate cedar-policy on the same files as policy.cpp: from (type, id) to decision, reasons, errors.
// crate-bench world POLICIES ENTITIES REQUESTS SCHEMA [LINKS] | links N
use cedar_policy::*;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

type Pair = (EntityTypeName, String);
struct Ask {
    p: Pair,
    a: Pair,
    r: Pair,
    want: Option<(bool, BTreeSet<String>)>,
}

fn pair(v: &Value) -> Pair {
    (v["type"].as_str().unwrap().parse().unwrap(), v["id"].as_str().unwrap().to_owned())
}
fn uid(p: &Pair) -> EntityUid {
    EntityUid::from_type_name_and_id(p.0.clone(), EntityId::new(&p.1))
}
fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn measure(label: &str, set: &PolicySet, entities: &Entities, asks: &[Ask], rounds: usize) {
    let authorizer = Authorizer::new();
    let decide = |ask: &Ask| {
        let request =
            Request::new(uid(&ask.p), uid(&ask.a), uid(&ask.r), Context::empty(), None).unwrap();
        authorizer.is_authorized(&request, set, entities)
    };
    for ask in asks {
        let answer = decide(ask);
        if let Some((allow, reasons)) = &ask.want {
            let got: BTreeSet<String> = answer.diagnostics().reason().map(|r| AsRef::<str>::as_ref(r).to_owned()).collect();
            assert_eq!((answer.decision() == Decision::Allow, &got), (*allow, reasons));
        }
    }
    let mut times: Vec<u128> = Vec::new();
    for _ in 0..rounds {
        for ask in asks {
            let start = Instant::now();
            std::hint::black_box(decide(ask));
            times.push(start.elapsed().as_nanos());
        }
    }
    times.sort();
    println!("{label}\tcrate\t{}\t{}", times[times.len() / 2], times[times.len() * 99 / 100]);
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args[1] == "links" {
        let n: usize = args[2].parse().unwrap();
        let text = "permit(principal == ?principal, action == Action::\"read\", resource in ?resource);";
        let mut set = PolicySet::new();
        set.add_template(Template::parse(Some(PolicyId::new("t")), text).unwrap()).unwrap();
        let mut all = Vec::new();
        let of = |t: &str, i: usize| format!("{t}::\"{}_{i}\"", t.to_lowercase()).parse::<EntityUid>().unwrap();
        for i in 0..n {
            let slots = HashMap::from([
                (SlotId::principal(), of("User", i)),
                (SlotId::resource(), of("Folder", i)),
            ]);
            set.link(PolicyId::new("t"), PolicyId::new(format!("link{i}")), slots).unwrap();
            all.push(Entity::new_no_attrs(of("User", i), Default::default()));
            all.push(Entity::new_no_attrs(of("File", i), [of("Folder", i)].into()));
        }
        let entities = Entities::from_entities(all, None).unwrap();
        let name = |t: &str| t.parse::<EntityTypeName>().unwrap();
        let asks: Vec<Ask> = (0..500usize)
            .map(|k| k * 7919 % n)
            .map(|i| Ask {
                p: (name("User"), format!("user_{i}")),
                a: (name("Action"), "read".into()),
                r: (name("File"), format!("file_{i}")),
                want: Some((true, BTreeSet::from([format!("link{i}")]))),
            })
            .collect();
        return measure(&format!("links-{n}"), &set, &entities, &asks, if n > 1000 { 1 } else { 20 });
    }
    let mut set: PolicySet = read(&args[2]).parse().unwrap();
    let schema = Schema::from_json_str(&read(&args[5])).unwrap();
    let entities = Entities::from_json_str(&read(&args[3]), Some(&schema)).unwrap();
    if let Some(path) = args.get(6) {
        let ids: HashMap<String, PolicyId> = set
            .templates()
            .map(|t| (t.annotation("id").unwrap().to_owned(), t.id().clone()))
            .collect();
        for link in serde_json::from_str::<Vec<Value>>(&read(path)).unwrap() {
            let mut slots = HashMap::new();
            for (key, slot) in [("?principal", SlotId::principal()), ("?resource", SlotId::resource())] {
                if link["values"].get(key).is_some() {
                    slots.insert(slot, uid(&pair(&link["values"][key])));
                }
            }
            let id = ids[link["templateId"].as_str().unwrap()].clone();
            set.link(id, PolicyId::new(link["newId"].as_str().unwrap()), slots).unwrap();
        }
    }
    let asks: Vec<Ask> = read(&args[4])
        .lines()
        .map(|line| {
            let v: Value = serde_json::from_str(line).unwrap();
            let reasons = v["reason"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_owned());
            Ask {
                p: pair(&v["principal"]),
                a: pair(&v["action"]),
                r: pair(&v["resource"]),
                want: Some((v["decision"] == "allow", reasons.collect())),
            }
        })
        .collect();
    measure(&args[3], &set, &entities, &asks, if args.len() > 6 { 5 } else { 40 });
}
