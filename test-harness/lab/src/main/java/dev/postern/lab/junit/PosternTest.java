package dev.postern.lab.junit;

import dev.postern.quirks.decision.Strictness;
import dev.postern.virtio.InterruptMode;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of a guest that is booted for it alone, under watch.
 *
 * <p>On a method it makes that a test. On a class it says so of every test in it, {@code @Test} and the like; what a method says of
 * itself then counts in place of it, whole.
 *
 * <p>Test methods, {@code @BeforeEach} and {@code @AfterEach} get by type, in any order:
 * <ul>
 *   <li>{@link dev.postern.lab.Trial}, the guest under watch, with buffers for requests; {@link dev.postern.boot.BootedGuest};
 *       {@link dev.postern.lab.LabMachine}; {@link dev.postern.machine.Machine};
 *   <li>{@link dev.postern.virtio.blk.BlkDevice} and {@link dev.postern.virtio.rng.RngDevice}, which are live;
 *       {@link dev.postern.boot.DeviceReport}, {@link dev.postern.quirks.decision.Decision} and
 *       {@link dev.postern.quirks.decision.Explanation} of a device, live or not; where there are several, {@link DeviceName} says
 *       which;
 *   <li>{@link dev.postern.dma.DmaContext}, one for a driver under test, which bounces where devices do not
 *       reach all of RAM and is closed after the test;
 *       {@link dev.postern.dma.debug.DmaLedger}, the book kept of that one and of all others.
 * </ul>
 *
 * <p>When the test is over the guest is shut down, and the test fails, with one line for each finding, when a mapping is left or was
 * ended twice or otherwise than it was made, when memory was not given back, when a device or the platform noted an error of the
 * guest, or when devices could reach what they need not. A failure of the test itself comes first; findings are then suppressed
 * exceptions of it. Of a test that was aborted nothing is expected.
 *
 * <p>A word that is wrong is an {@code ExtensionConfigurationException} that has the nearest right one. A machine that is not here
 * skips the test, or fails it where the environment has {@code POSTERN_REQUIRE_PEERS=1}.
 */
@Test
@ExtendWith(PosternExtension.class)
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
public @interface PosternTest {

    /** What surrounds the guest, such as {@code sev-snp}: see {@link dev.postern.lab.PlatformKind}. */
    String platform() default "plain";

    /** The devices, such as {@code blk,size=4M,seed=7} and {@code rng}: see {@link dev.postern.lab.spec.DeviceSpecs}. */
    String[] devices() default {};

    /** The machine, such as {@code emulated}: see {@link dev.postern.lab.MachineKind}. */
    String machine() default "emulated";

    /** Whether a device is served that a secure guest could only serve with reservations. */
    Strictness strictness() default Strictness.SERVE;

    /** How drivers learn of used buffers. */
    InterruptMode interrupts() default InterruptMode.MSIX;
}
