package dev.postern.platform;

import java.util.Optional;
import java.util.OptionalLong;

/** POWER: a secure guest sees it in its machine state register (Linux, arch/powerpc/include/asm/svm.h, is_secure_guest). */
final class PowerDetection {

    private static final int MACHINE_STATE = 0;
    private static final long STATE_SECURE = 1L << 22;

    private PowerDetection() {}

    static Optional<SecurePlatform> detect(RawFacts facts) {
        OptionalLong state = facts.cpu().register(MACHINE_STATE);
        boolean secure = state.isPresent() && (state.getAsLong() & STATE_SECURE) != 0;
        facts.note(
                secure ? "a secure guest" : "not a secure guest",
                "MSR[S], machine state register " + (state.isEmpty() ? "absent" : "0x%x".formatted(state.getAsLong())));
        return secure
                ? Optional.of(
                        new SecurePlatform("pseries-svm", new UltravisorPageSharing(facts.acts(), facts.shareable())))
                : Optional.empty();
    }
}
