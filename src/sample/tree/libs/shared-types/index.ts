export * from './src/api.types';
export * from './src/user.types';
export * from './src/websocket.types';
