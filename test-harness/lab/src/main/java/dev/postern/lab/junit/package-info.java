/**
 * Tests of guests by annotation: {@link dev.postern.lab.junit.PosternTest} boots a guest on a machine, hands out its parts, and looks
 * at what the test leaves behind.
 */
package dev.postern.lab.junit;
