package dev.postern.cli;

import dev.postern.cli.report.ErrorDocument;
import java.util.function.Supplier;

/** What a command that only thinks has to say: text for a person or a document, and in a document also what went wrong. */
final class Answer {

    /** How the caller wants it. */
    enum Form {
        /** Lines for a person. */
        TEXT,
        /** One JSON document on standard output. */
        JSON
    }

    private final Streams streams;
    private final String schema;
    private final Form form;

    /**
     * An answer to come.
     *
     * @param schema of the document, when it is to be one
     */
    Answer(Streams streams, String schema, Form form) {
        this.streams = streams;
        this.schema = schema;
        this.form = form;
    }

    /**
     * Works the answer out.
     *
     * @param work what to do; it returns the exit status
     * @throws RuntimeException what the work throws, after a document that says so
     */
    int of(Supplier<Integer> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            if (form == Form.JSON) {
                Failure failure = Failure.of(e);
                streams.out().println(ErrorDocument.of(schema, failure.message(), failure.status()));
            }
            throw e;
        }
    }
}
