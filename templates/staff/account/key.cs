<?cs include:"macros.cs" ?><?cs set:Title = "添加安全密钥" ?><?cs def:content() ?><p class="back"><a href="/staff/account/">返回我的账户</a></p>
<div class="narrow"><h1>添加安全密钥</h1>
<p class="lead">安全密钥是支持 FIDO2 的 USB 密钥，或者本机自带的指纹、面容验证。</p>
<noscript><p class="note">使用安全密钥需要启用浏览器的 JavaScript。也可以<a href="/staff/account/app">添加验证器应用</a>。</p></noscript>
<form method="post" action="/staff/account/key" class="stack key" data-webauthn="create" data-first="/staff/account/key/challenge"><?cs call:form_csrf() ?>
<p class="note bad" role="alert" tabindex="-1" hidden></p>
<label for="f-current">当前密码</label><input id="f-current" name="current" type="password" autocomplete="current-password" required>
<label for="f-label">名称（例如“办公室的密钥”）</label><input id="f-label" name="label" maxlength="64" autocomplete="off" required>
<p class="actions"><button class="button">登记安全密钥</button></p></form>
<p class="quiet">点击按钮后，插入安全密钥，再按浏览器的提示触碰它。</p></div>
<script type="module" src="/static/webauthn.js?<?cs var:Static.Version ?>"></script>
<?cs /def ?><?cs include:"layout.cs" ?>
