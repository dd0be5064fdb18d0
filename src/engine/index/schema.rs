//! The fields of the index and the tokenizer that fills them.
//!
//! The folder of an index carries [`VERSION`]: another schema is another folder, never a migration.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;

use super::terms::Unpack;

/// Raised with every change of fields, tokenizers, or what is taken for a definition.
pub const VERSION: u32 = 6;

/// The fields, by what they hold.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The raw path: the key of a document, and a fast column.
    pub path: Field,
    /// Bytes on disk when it was read.
    pub size: Field,
    /// Modification time in nanoseconds when it was read.
    pub modified: Field,
    /// When the file system last changed the file, in nanoseconds; see
    /// [`Stamp`](crate::engine::walk::Stamp).
    pub changed: Field,
    /// The roles that its path and its text told, one bit each.
    pub roles: Field,
    /// The fingerprint of the rules that told.
    pub rules: Field,
    /// Stemmed parts of the content's identifiers.
    pub part: Field,
    /// Stemmed parts of the file name.
    pub name: Field,
    /// Stemmed parts of the folders.
    pub folder: Field,
}

/// The schema and its fields.
pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(PACKED)
            .set_index_option(IndexRecordOption::WithFreqs),
    );
    let fast = NumericOptions::default().set_fast();
    let fields = Fields {
        path: schema.add_bytes_field("path", BytesOptions::default().set_indexed().set_fast()),
        size: schema.add_u64_field("size", fast.clone()),
        modified: schema.add_i64_field("modified", fast.clone()),
        changed: schema.add_i64_field("changed", fast.clone()),
        roles: schema.add_u64_field("roles", fast.clone()),
        rules: schema.add_u64_field("rules", fast),
        part: schema.add_text_field("part", text.clone()),
        name: schema.add_text_field("name", text.clone()),
        folder: schema.add_text_field("folder", text),
    };
    (schema.build(), fields)
}

const PACKED: &str = "navi-packed";

/// Makes the tokenizer known to an opened index.
pub fn register(index: &tantivy::Index) {
    index.tokenizers().register(PACKED, TextAnalyzer::from(Unpack));
}
