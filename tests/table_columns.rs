//! Columns of a table: their order, and which give way.
