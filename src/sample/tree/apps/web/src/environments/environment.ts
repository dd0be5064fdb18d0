export const environment = {
  production: false,
  release: 'dev',
  apiUrl: 'http://localhost:8000',
  wsUrl: 'ws://localhost:8000',
};
