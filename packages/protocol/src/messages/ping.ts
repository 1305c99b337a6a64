/** Answered by the platform without waking the instance; never part of another frame. */
export const PING_FRAME = '{"type":"ping"}';
export const PONG_FRAME = '{"type":"pong"}';
