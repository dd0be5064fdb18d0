export const environment = {
  production: true,
  release: '1.6.2',
  apiUrl: 'https://app.tech-platform.example',
  wsUrl: 'wss://app.tech-platform.example',
};
