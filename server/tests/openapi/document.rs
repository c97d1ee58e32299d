//! The document as the server gives it, and the answers that are held against it.

use std::collections::BTreeSet;

use jsonschema::Validator;
use reqwest::{RequestBuilder, header};
use serde_json::{Value, json};

use crate::common::TestServer;

/// A method and a path: `get /healthz`.
pub type Operation = String;

pub struct Document {
    json: Value,
    answered: BTreeSet<(Operation, u16)>,
}

impl Document {
    /// Asks the server for it, as anybody may.
    pub async fn of(server: &TestServer) -> Self {
        let response = server.client().get(server.url("/api/v1/openapi.json")).send().await.unwrap();
        let mut json: Value = response.json().await.unwrap();
        // Readers must bear new members, so the document leaves objects open; here each member has to be described.
        close(&mut json["components"]["schemas"]);
        Self { json, answered: BTreeSet::new() }
    }

    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("the document has no {pointer}"))
    }

    pub fn operations(&self) -> BTreeSet<Operation> {
        self.each_operation().map(|(operation, _)| operation).collect()
    }

    /// Every status that some operation may be answered with.
    pub fn statuses(&self) -> BTreeSet<(Operation, u16)> {
        let statuses = self.each_operation().flat_map(|(operation, described)| {
            let statuses = described["responses"].as_object().unwrap().keys();
            statuses.map(move |status| (operation.clone(), status.parse().unwrap()))
        });
        statuses.collect()
    }

    /// The parameters of an operation.
    pub fn parameters(&self, operation: &str) -> Vec<&Value> {
        let parameters = self.described(operation)["parameters"].as_array();
        parameters.into_iter().flatten().map(|parameter| self.resolved(parameter)).collect()
    }

    /// The statuses that were answered so far.
    pub fn answered(&self) -> &BTreeSet<(Operation, u16)> {
        &self.answered
    }

    /// Sends a request and holds the answer against what is said of this operation and status.
    pub async fn check(&mut self, operation: &str, status: u16, request: RequestBuilder) {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{operation}");
        let described = self.resolved(&self.described(operation)["responses"][status.to_string()]);
        assert!(described["description"].is_string(), "{operation} {status} is not described");
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            let value = response.headers()[name.as_str()].to_str().unwrap();
            self.validate(&self.resolved(header)["schema"], &json!(value), &format!("{operation} {status} {name}"));
        }
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        let kind = kind.split(';').next().unwrap().to_owned();
        let schema = &described["content"][&kind]["schema"];
        assert!(!schema.is_null(), "{operation} {status} is {kind}");
        let text = response.text().await.unwrap();
        let body = if kind == "application/json" { serde_json::from_str(&text).unwrap() } else { json!(text) };
        self.validate(schema, &body, &format!("{operation} {status}"));
        self.answered.insert((operation.to_owned(), status));
    }

    /// A validator of what a schema of the document says.
    pub fn validator(&self, schema: &Value) -> Validator {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.json["components"],
            "allOf": [schema],
        });
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    }

    fn validate(&self, schema: &Value, value: &Value, what: &str) {
        let validator = self.validator(schema);
        let errors: Vec<_> = validator.iter_errors(value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{what}: {value}\n{}", errors.join("\n"));
    }

    fn described(&self, operation: &str) -> &Value {
        let (method, path) = operation.split_once(' ').unwrap();
        &self.json["paths"][path][method]
    }

    fn each_operation(&self) -> impl Iterator<Item = (Operation, &Value)> {
        let paths = self.json["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, described)| (format!("{method} {path}"), described))
        })
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.at(reference.trim_start_matches('#')),
            None => value,
        }
    }
}

/// Lets no object have a member that its schema does not describe.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("type") == Some(&json!("object")) && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
