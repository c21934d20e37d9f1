package dev.postern.quirks.decision;

import java.util.List;

/**
 * One numbered rule of the decision.
 *
 * <p>{@code V} rules ask whether the device can be driven at all; {@code X}, {@code T}, {@code D} and {@code R} rules (Xen,
 * translated, at an offset, the rest) form the ladder of addressing (which address does this device consume?) and {@code B}
 * rules that of reach (which memory can it reach?), on each of which the first match wins; {@code C} rules ask whether syncs are
 * real; {@code O} rules choose features for a device that is driven. Rules are immutable and read nothing but the facts.
 */
public abstract sealed class Rule
        permits VersionOneMissing,
                VersionOneOffered,
                BalloonInSecureGuest,
                StrictlyRefused,
                LegacyInSecureGuest,
                AccessPlatformNeeded,
                AssignedWithoutCachingMode,
                BarriersTooWeak,
                DmaForbidden,
                GrantsSpoken,
                XenParavirtual,
                IommuNotUp,
                IommuTranslates,
                IommuWithoutDriver,
                AddressInexpressible,
                AccessPlatformNotOffered,
                PlatformOffset,
                NothingTranslates,
                SharedPagesOnlyBounce,
                RestrictedPoolBounce,
                BelowLimitBounce,
                WholePagesOnlyBounce,
                AllOfRamReached,
                InterconnectDoesNotSnoop,
                NoSnoopGoesThrough,
                CachesSeeTheDevice,
                OrderPlatformHonoured {

    /** The question that a rule belongs to. */
    public enum Ladder {
        /** May the device be driven at all? */
        ADMISSION,
        /** Which address does it consume? */
        ADDRESSING,
        /** Which memory can it reach? */
        REACH,
        /** Do the guest's caches see what it does? */
        COHERENCY,
        /** Which features does it get besides? */
        FEATURES
    }

    private static final List<Rule> IN_ORDER = List.of(
            new VersionOneMissing(),
            new VersionOneOffered(),
            new BalloonInSecureGuest(),
            new StrictlyRefused(),
            new LegacyInSecureGuest(),
            new AccessPlatformNeeded(),
            new AssignedWithoutCachingMode(),
            new BarriersTooWeak(),
            new DmaForbidden(),
            new GrantsSpoken(),
            new XenParavirtual(),
            new IommuNotUp(),
            new IommuTranslates(),
            new IommuWithoutDriver(),
            new AddressInexpressible(),
            new AccessPlatformNotOffered(),
            new PlatformOffset(),
            new NothingTranslates(),
            new SharedPagesOnlyBounce(),
            new RestrictedPoolBounce(),
            new BelowLimitBounce(),
            new WholePagesOnlyBounce(),
            new AllOfRamReached(),
            new InterconnectDoesNotSnoop(),
            new NoSnoopGoesThrough(),
            new CachesSeeTheDevice(),
            new OrderPlatformHonoured());

    private final String id;
    private final String title;
    private final String source;
    private final String peers;
    private final SourceLine where;
    private final Ladder ladder;

    Rule(String id, String title, String source, String peers, SourceLine where, Ladder ladder) {
        this.id = id;
        this.title = title;
        this.source = source;
        this.peers = peers;
        this.where = where;
        this.ladder = ladder;
    }

    /** Every rule, in the order in which they are tried; an immutable list. */
    public static List<Rule> inOrder() {
        return IN_ORDER;
    }

    /** A short name that does not change, such as {@code R1}. */
    public final String id() {
        return id;
    }

    /** Condition and effect, in one line. */
    public final String title() {
        return title;
    }

    /** The clauses of the specification that it follows, such as {@code content:957}. */
    public final String source() {
        return source;
    }

    /** What others do in the same place, in one line. */
    public final String peers() {
        return peers;
    }

    /** Where it is written. */
    public final SourceLine where() {
        return where;
    }

    /** What others do in the same place on these facts, in one line. */
    String peers(DeviceFacts device, PlatformFacts platform) {
        return peers;
    }

    /** The question that it belongs to. */
    public final Ladder ladder() {
        return ladder;
    }

    /** The facts that it reads, with their provenance, in one line. A pure function of immutable facts. */
    abstract String evidence(DeviceFacts device, PlatformFacts platform);

    /** The same for a finding, which nobody may ever read. */
    final Evidence evidenceOn(DeviceFacts device, PlatformFacts platform) {
        return new Evidence(this, device, platform);
    }

    /** Tries the rule on the facts. */
    abstract Finding examine(DeviceFacts device, PlatformFacts platform);

    @Override
    public final String toString() {
        return id + " " + title;
    }
}
