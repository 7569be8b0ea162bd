/**
 * Words of users: {@link org.backdraft.text.EditDistance} finds what an unknown one was meant to
 * be. JDK alone.
 */
package org.backdraft.text;
