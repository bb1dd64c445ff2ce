// What the page takes from its libraries: the names are those of the object `libraries`.

export { autocompletion, completionKeymap } from '@codemirror/autocomplete';
export { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from '@codemirror/commands';
export { json } from '@codemirror/lang-json';
export { yaml } from '@codemirror/lang-yaml';
export { codeFolding, foldEffect, foldGutter, foldKeymap, indentUnit, syntaxHighlighting } from '@codemirror/language';
export { search, searchKeymap } from '@codemirror/search';
export { Compartment, EditorState, RangeSet, RangeSetBuilder, StateEffect, StateField, Transaction } from '@codemirror/state';
export { Decoration, EditorView, GutterMarker, gutterLineClass, keymap, lineNumbers, ViewPlugin } from '@codemirror/view';
export { classHighlighter } from '@lezer/highlight';
export { parseAllDocuments } from 'yaml';
