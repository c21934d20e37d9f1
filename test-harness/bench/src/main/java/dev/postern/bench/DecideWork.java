package dev.postern.bench;

/** What is made of a decision. */
enum DecideWork {
    /** The decision with its whole explanation, as values. */
    DECIDE("decide", "decision with explanation"),
    /** That, and the line for the boot log. */
    ONE_LINE("oneLine", "and its line"),
    /** That, and the whole story in words. */
    LINES("lines", "and the whole story");

    private final String method;
    private final String words;

    DecideWork(String method, String words) {
        this.method = method;
        this.words = words;
    }

    /** The method of {@link DecideBench}. */
    String method() {
        return method;
    }

    /** The work in words. */
    String words() {
        return words;
    }
}
