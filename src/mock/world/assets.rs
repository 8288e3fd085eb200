//! Assets: files sent with a call, and direct uploads to the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::World;
use super::call::Call;
use super::files::refused;
use super::ids::hex;
use super::media;
use super::multipart::Upload;
use super::plan::Role;
use super::record::Record;
use super::refusal::Refusal;
use super::render::{FILE, put};
use super::work::Answer;
use crate::catalogue;
use crate::mock::exchange::{Request, Response};
use crate::percent;

const ASSET: &str = "/v3/assets/{asset_id}";
const DIRECT: &str = "/v3/assets/direct-uploads";
const DIRECT_BATCH: &str = "/v3/assets/direct-uploads/batches";
const COMPLETE: &str = "/v3/assets/{asset_id}/complete";
const COMPLETE_BATCH: &str = "/v3/assets/complete/batches";
const BATCH: &str = "/v3/assets/batches/{batch_id}";

/// How long a link to the store is valid, in seconds.
const LIFE: u64 = 3_600;

/// The largest direct upload.
const LARGEST: u64 = 1 << 30;

/// The header by which the store verifies the bytes.
const CHECKSUM: &str = "x-amz-checksum-sha256";

/// The headers that the store refuses, as they are not signed.
const UNSIGNED: &[&str] = &["x-api-key", "authorization", "cookie", "idempotency-key"];

/// The types that HeyGen takes with a call.
const TAKEN: &[&str] = &[
    "image/png",
    "image/jpeg",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/wav",
    "application/pdf",
];

/// The direct uploads that are not complete.
#[derive(Default)]
pub(super) struct Uploads {
    pending: Mutex<HashMap<String, Pending>>,
}

/// A direct upload that was announced.
#[derive(Debug, Clone)]
struct Pending {
    name: String,
    media_type: String,
    size: u64,
    /// In lower-case hex.
    checksum: Option<String>,
    is_stored: bool,
}

impl Uploads {
    pub(super) fn is_pending(&self, id: &str) -> bool {
        self.get(id).is_some()
    }

    fn get(&self, id: &str) -> Option<Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn put(&self, id: &str, pending: Pending) {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), pending);
    }

    fn take(&self, id: &str) -> Option<Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

/// Serves uploads.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    let is_asset = call.plan.shelf == Some(ASSET) && call.plan.role == Role::Create;
    if let Some(upload) = call.upload.as_ref().filter(|_| is_asset) {
        return Some(create(world, call, upload));
    }
    match (call.operation.method(), call.operation.path()) {
        ("POST", DIRECT) => Some(announce(world, call)),
        ("POST", DIRECT_BATCH) => Some(announce_batch(world, call)),
        ("POST", COMPLETE) => Some(complete(world, call)),
        ("POST", COMPLETE_BATCH) => Some(complete_batch(world, call)),
        _ => None,
    }
}

fn create(world: &World, call: &Call<'_>, upload: &Upload) -> Result<Answer, Refusal> {
    let bytes = upload.bytes(call.request);
    if call.operation.max_bytes().is_some_and(|most| call.request.body.len() as u64 > most.into()) {
        let message = "The file is larger than 32 MiB. Use a direct upload.";
        return Err(Refusal::new(413, "payload_too_large", message));
    }
    let stated = upload.media_type.as_deref().filter(|own| TAKEN.contains(own));
    let by_name = upload.name.as_deref().and_then(|name| name.rsplit('.').next());
    let named = by_name.map(media::media_type).filter(|own| TAKEN.contains(own));
    let sniffed = media::sniffed(bytes).filter(|own| TAKEN.contains(own));
    let Some(media_type) = sniffed.or(stated).or(named) else {
        return Err(Refusal::invalid("file", "Unsupported file type."));
    };
    let name = upload.name.as_deref().unwrap_or("upload");
    let checksum = hex(&Sha256::digest(bytes));
    let record = store(world, None, name, media_type, bytes.len() as u64, &checksum);
    keep(world, &record, bytes);
    let body = world.created(call, &record, &[Arc::clone(&record)]);
    Ok(Answer::of(call.plan, body))
}

/// Makes the record of a file.
fn store(
    world: &World,
    id: Option<&str>,
    name: &str,
    media_type: &str,
    size: u64,
    checksum: &str,
) -> Arc<Record> {
    let kind = media_type.split('/').next().unwrap_or_default();
    let fields = json!({
        "name": name, "filename": name, "mime_type": media_type, "size_bytes": size, "type": kind,
        "file_type": kind, "folder_id": null, "checksum": checksum,
        FILE: format!("url.{}", media::ending(media_type)),
    });
    let add = |operation| world.add(operation, ASSET, &fields, id);
    let made = catalogue::find("GET", ASSET).map(add);
    made.unwrap_or_else(|| {
        let now = world.ids.clock().now();
        Arc::new(Record::new(id.unwrap_or_default().to_owned(), 0, 0, now))
    })
}

fn keep(world: &World, record: &Record, bytes: &[u8]) {
    if let Some(Value::String(file)) = record.field(FILE) {
        world.files.keep(&record.id, &file, bytes);
    }
}

/// Announces an upload: where to put the bytes, and with which headers.
fn announce(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let upload = announced(world, &call.body, "")?;
    let mut body = call.plan.template.clone();
    put(&mut body, &["data"], upload);
    Ok(Answer::of(call.plan, body))
}

fn announce_batch(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let files = call.body["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let place = |index: usize| format!("files[{index}].");
    let made = files.iter().enumerate().map(|(index, file)| announced(world, file, &place(index)));
    let uploads = made.collect::<Result<Vec<Value>, Refusal>>()?;
    let Some(operation) = catalogue::find("POST", COMPLETE_BATCH) else {
        return Ok(Answer::of(call.plan, call.plan.template.clone()));
    };
    let batch = world.add(operation, BATCH, &json!({ "title": call.body["title"] }), None);
    batch.hold();
    for upload in &uploads {
        batch.add_part(ASSET, upload["asset_id"].as_str().unwrap_or_default());
    }
    let mut body = call.plan.template.clone();
    put(&mut body, &["data", "batch_id"], json!(batch.id));
    put(&mut body, &["data", "items"], Value::Array(uploads));
    Ok(Answer::of(call.plan, body))
}

fn announced(world: &World, file: &Value, place: &str) -> Result<Value, Refusal> {
    let invalid = |name: &str, message: &str| {
        Refusal::invalid(&format!("{place}{name}"), format!("'{place}{name}' {message}."))
    };
    let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
    let size = file["size_bytes"].as_u64().filter(|size| (1..=LARGEST).contains(size));
    let size = size.ok_or_else(|| invalid("size_bytes", "must be between 1 and 1073741824"))?;
    let checksum = file["checksum_sha256"].as_str().map(str::to_lowercase);
    let is_checksum =
        |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if checksum.as_ref().is_some_and(|text| !is_checksum(text)) {
        return Err(invalid("checksum_sha256", "must be 64 hex digits"));
    }
    let id = world.ids.fresh(&world.form_of(ASSET), &[ASSET, &file.to_string()]);
    let pending = Pending {
        name: text("filename"),
        media_type: text("content_type"),
        size,
        checksum,
        is_stored: false,
    };
    let shown = json!({
        "asset_id": id, "expires_in_seconds": LIFE, "max_bytes": LARGEST, "status": "pending",
        "upload_headers": headers_of(&pending), "upload_url": upload_url(world, &id),
    });
    world.uploads.put(&id, pending);
    Ok(shown)
}

/// The headers that are signed.
fn headers_of(pending: &Pending) -> Value {
    let mut headers = Map::new();
    headers.insert("Content-Type".to_owned(), json!(pending.media_type));
    if let Some(checksum) = &pending.checksum {
        headers.insert(CHECKSUM.to_owned(), json!(base64_of(checksum)));
    }
    Value::Object(headers)
}

/// A checksum in hex as the store writes it.
fn base64_of(checksum: &str) -> String {
    let digits = checksum.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Vec<u8> = digits.filter_map(byte).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn upload_url(world: &World, id: &str) -> String {
    let expires = (world.ids.today().ceil() as u64 + LIFE).to_string();
    let path = format!("/uploads/{}", percent::component(id));
    let signature = world.ids.digits(&["upload", &path, &expires], 64);
    format!(
        "{}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires={expires}&X-Amz-Signature={signature}",
        world.options.base_url
    )
}

impl World {
    /// Takes the bytes of a direct upload, as the store does.
    pub(super) fn put_upload(&self, request: &Request) -> Response {
        let stored = self.checked_upload(request);
        match stored {
            Err(response) => response,
            Ok((id, pending)) => {
                let ending = media::ending(&pending.media_type);
                self.files.keep(&id, &format!("url.{ending}"), &request.body);
                self.uploads.put(&id, Pending { is_stored: true, ..pending });
                let etag = format!("\"{}\"", hex(&Sha256::digest(&request.body)[..16]));
                Response { status: 200, headers: Vec::new(), body: Vec::new() }.with("etag", etag)
            }
        }
    }

    fn checked_upload(&self, request: &Request) -> Result<(String, Pending), Response> {
        if request.method != "PUT" {
            return Err(refused(405, "MethodNotAllowed", "The specified method is not allowed"));
        }
        let value = |name: &str| request.query_value(name).unwrap_or_default();
        let expires = value("X-Amz-Expires");
        if value("X-Amz-Signature") != self.ids.digits(&["upload", &request.path, expires], 64) {
            return Err(mismatch("The request signature does not match"));
        }
        if expires.parse().is_ok_and(|expires: f64| self.ids.today() >= expires) {
            return Err(refused(403, "AccessDenied", "Request has expired"));
        }
        let id = percent::decoded(request.path.trim_start_matches("/uploads/"));
        let Some(pending) = self.uploads.get(&id) else {
            return Err(refused(
                404,
                "NoSuchUpload",
                "The upload is complete or was not announced",
            ));
        };
        check_headers(request, &pending)?;
        check_bytes(&request.body, &pending)?;
        Ok((id, pending))
    }
}

fn mismatch(message: &str) -> Response {
    refused(403, "SignatureDoesNotMatch", message)
}

fn check_headers(request: &Request, pending: &Pending) -> Result<(), Response> {
    let names = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let is_foreign = |name: &String| {
        let is_signed = name == CHECKSUM && pending.checksum.is_some();
        UNSIGNED.contains(&name.as_str()) || name.starts_with("x-amz-") && !is_signed
    };
    if let Some(name) = names.into_iter().find(is_foreign) {
        let message =
            format!("There were headers present in the request which were not signed: {name}");
        return Err(refused(403, "AccessDenied", &message));
    }
    if request.header("content-type") != Some(pending.media_type.as_str()) {
        return Err(mismatch("The Content-Type is not the signed one"));
    }
    let checksum = pending.checksum.as_deref().map(base64_of);
    if checksum.is_some() && request.header(CHECKSUM) != checksum.as_deref() {
        return Err(mismatch("The checksum header is not the signed one"));
    }
    Ok(())
}

fn check_bytes(body: &[u8], pending: &Pending) -> Result<(), Response> {
    if body.len() as u64 != pending.size {
        return Err(mismatch("The Content-Length is not the signed one"));
    }
    match &pending.checksum {
        Some(checksum) if hex(&Sha256::digest(body)) != *checksum => {
            Err(refused(403, "XAmzContentChecksumMismatch", "The SHA-256 does not match the bytes"))
        }
        _ => Ok(()),
    }
}

/// Makes the asset of an upload; a second completion finds it made.
fn complete(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path_value("asset_id").unwrap_or_default();
    let stated = call.text("checksum_sha256").map(str::to_lowercase);
    if let Some(pending) = world.uploads.get(id) {
        let own = pending.checksum.as_ref();
        if stated.as_ref().is_some_and(|stated| own.is_some_and(|own| own != stated)) {
            let message = "'checksum_sha256' does not match the upload.";
            return Err(Refusal::invalid("checksum_sha256", message));
        }
        finish(world, id)?;
    }
    let record = world.find(call)?;
    let answer = world.shown(call, &record, super::record::Stage::Done(Some("completed")));
    Ok(answer)
}

fn finish(world: &World, id: &str) -> Result<(), Refusal> {
    let missing = || Refusal::new(409, "resource_not_ready", "Uploaded object not found yet");
    let Some(pending) = world.uploads.get(id) else { return Ok(()) };
    if !pending.is_stored {
        return Err(missing());
    }
    if world.uploads.take(id).is_some() {
        let Pending { name, media_type, size, checksum, .. } = pending;
        store(world, Some(id), &name, &media_type, size, &checksum.unwrap_or_default());
    }
    Ok(())
}

fn complete_batch(world: &World, call: &Call<'_>) -> Result<Answer, Refusal> {
    world.fill(BATCH);
    let id = call.text("batch_id").unwrap_or_default();
    let batch = world.shelves.get(BATCH, id).ok_or_else(|| Refusal::not_found("batch"))?;
    let is_missing = |id: &str| world.uploads.get(id).is_some_and(|pending| !pending.is_stored);
    if batch.parts().iter().any(|(_, id)| is_missing(id)) {
        let message = "Uploaded object not found yet";
        return Err(Refusal::new(409, "resource_not_ready", message));
    }
    batch.parts().iter().try_for_each(|(_, id)| finish(world, id))?;
    if batch.is_held() {
        batch.release(world.ids.clock().now());
    }
    let mut body = call.plan.template.clone();
    put(&mut body, &["data", "batch_id"], json!(batch.id));
    Ok(Answer::of(call.plan, body))
}
