//! The vectors of transparency-dev/merkle, which say of each proof whether it holds.

use flightbox_domain::{
    record::LeafHash,
    tree::{NodeHash, verify_consistency, verify_inclusion},
};
use serde_json::Value;

fn cases(file: &str) -> Vec<Value> {
    file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hash(value: &Value) -> Option<NodeHash> {
    NodeHash::from_base64(value.as_str().unwrap_or_default())
}

fn proof(case: &Value) -> Option<Vec<NodeHash>> {
    case["proof"].as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

fn inclusion(case: &Value) -> Option<()> {
    let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
    let leaf = LeafHash(hash(&case["leafHash"])?.0);
    verify_inclusion(leaf, index, size, &proof(case)?, hash(&case["root"])?).ok()
}

fn consistency(case: &Value) -> Option<()> {
    let (old, size) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
    verify_consistency(old, hash(&case["root1"])?, size, hash(&case["root2"])?, &proof(case)?).ok()
}

#[test]
fn t8_the_vectors_of_rfc_6962_hold() {
    let inclusions = cases(include_str!("vectors/inclusion.ndjson"));
    let consistencies = cases(include_str!("vectors/consistency.ndjson"));
    assert_eq!((inclusions.len(), consistencies.len()), (68, 63));
    let all = inclusions.iter().map(|case| (case, inclusion(case).is_some()));
    let all: Vec<_> = all.chain(consistencies.iter().map(|case| (case, consistency(case).is_some()))).collect();
    for (case, held) in &all {
        assert_eq!(*held, case["wantErr"] == false, "{case}");
    }
    assert_eq!(all.iter().filter(|(_, held)| *held).count(), 9);
}
