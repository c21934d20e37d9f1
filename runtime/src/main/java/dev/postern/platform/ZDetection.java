package dev.postern.platform;

import java.util.Optional;

/**
 * IBM Z: with the ultravisor-call facility the guest asks the ultravisor which calls it has; a protected guest has those that set and
 * remove shared access (Linux, arch/s390/boot/uv.c, uv_query_info).
 */
final class ZDetection {

    private static final int ULTRAVISOR_CALL_FACILITY = 158;
    private static final long QUERY = 0x0001;
    /** The control block of a query has so many words behind its header, all of them for the answer. */
    private static final int QUERY_WORDS = 31;
    /** Not an error: the ultravisor has more to say than the block holds. */
    private static final long MORE_DATA = 0x100;
    /** Bits of the first word of the list of calls, counted from the left as IBM does: 8 and 9. */
    private static final long CAN_SHARE = 1L << 63 - 8;

    private static final long CAN_UNSHARE = 1L << 63 - 9;

    private ZDetection() {}

    static Optional<SecurePlatform> detect(RawFacts facts) throws UnknownPlatformException {
        if (!facts.cpu().facility(ULTRAVISOR_CALL_FACILITY)) {
            facts.note("no ultravisor call", "facility 158 is not installed");
            return Optional.empty();
        }
        UvcAnswer answer = UvcAnswer.of(facts.acts(), QUERY, new long[QUERY_WORDS]);
        if (!answer.executed() && answer.returnCode() != MORE_DATA) {
            throw new UnknownPlatformException(
                    "facility 158 is installed, but the ultravisor answers a query with %s; start the guest without the facility, or with a working ultravisor"
                            .formatted(answer));
        }
        long calls = answer.word(0);
        String where = "Query Ultravisor Information, installed calls 0x%016x".formatted(calls);
        boolean share = (calls & CAN_SHARE) != 0;
        boolean unshare = (calls & CAN_UNSHARE) != 0;
        if (share != unshare) {
            throw new UnknownPlatformException(
                    "the ultravisor can %s pages, but not %s them (%s); the two go together in a protected guest"
                            .formatted(share ? "share" : "unshare", share ? "unshare" : "share", where));
        }
        facts.note(share ? "a protected guest" : "not a protected guest", where);
        return share
                ? Optional.of(new SecurePlatform("s390-pv", new UvcPageSharing(facts.acts(), facts.shareable())))
                : Optional.empty();
    }
}
