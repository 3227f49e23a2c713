<?cs include:"macros.cs" ?><?cs set:Title = "添加验证器应用" ?><?cs def:content() ?><p class="back"><a href="/staff/account/">返回我的账户</a></p>
<div class="narrow"><?cs call:error_summary() ?><h1>添加验证器应用</h1>
<ol class="steps"><li>打开手机的验证器应用，选择“添加账户”，扫描二维码。<li>不能扫描的，手工输入下面的密钥（类型：基于时间）。<li>为它起一个名称，输入应用当前显示的 6 位动态验证码。</ol>
<p><img class="qr" src="/staff/account/app/qr" alt="添加账户的二维码，内容是下面的密钥" width="220" height="220"></p>
<p>密钥：<code><?cs var:Totp.Secret ?></code></p>
<form method="post" action="/staff/account/app/confirm" class="stack"><?cs call:form_csrf() ?>
<label for="f-label">名称（例如“工作手机”）<?cs call:wrong("label") ?></label><input id="f-label" name="label" value="<?cs var:Field.label ?>" maxlength="64" autocomplete="off" required>
<label for="f-code">动态验证码<?cs call:wrong("code") ?></label><input id="f-code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<p class="actions"><button class="button">添加</button></p></form>
<p class="quiet">请不要拍照、转发二维码或密钥。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
