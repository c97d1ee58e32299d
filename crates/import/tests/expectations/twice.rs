//! The same file read twice gives the same ids, and no id twice.

use std::collections::BTreeSet;

use crate::read;

#[test]
fn a_file_read_twice_names_its_events_alike() {
    for file in [
        "auditd-go-libaudit/records/test2.log",
        "access-and-db-logs-opsagent/nginx-access/input.log",
        "access-and-db-logs-opsagent/postgresql/input.log",
        "postgres-pgaudit/postgresql-15-pgaudit.csv",
        "cloudtrail-stratus/aws.execution.ssm-send-command.json",
        "k8s-audit-falco/exec_pod.json",
    ] {
        let (set, name) = file.split_once('/').unwrap();
        let path = crate::folder(set).unwrap().join(name);
        let ids = || read::file(&path).unwrap().events.into_iter().map(|event| event.id.unwrap()).collect::<Vec<_>>();
        let first = ids();
        assert_eq!(first, ids(), "{file}");
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len(), "{file}");
    }
}

#[test]
fn equal_lines_are_as_many_events_as_there_are_lines() {
    let line = "203.0.113.4 - - [26/Aug/2021:16:51:22 +0000] \"GET / HTTP/1.1\" 200 12\n";
    let read = read::bytes(line.repeat(3).as_bytes(), None, "UTC").unwrap();
    let ids: BTreeSet<_> = read.events.iter().map(|event| event.id.clone().unwrap()).collect();
    assert_eq!((read.events.len(), ids.len()), (3, 3));
}
