<?cs include:"macros.cs" ?><?cs set:Title = "未查询到" ?><?cs set:NoIndex = #1 ?><?cs def:content() ?><div class="narrow"><div class="verdict bad"><h1><small>证书核验结果</small>未查询到</h1><p>本系统没有签发过与此核验码对应的电子证书。</p></div>
<p>可能的原因：</p>
<ul><li>核验码输入有误，或网址不完整（字母区分大小写）；<li>证书不是本系统签发的，例如其他省市的证书；<li>证书是伪造的。</ul>
<p class="todo"><b>请这样办理</b>请重新扫描二维码再试。仍未查询到的，请勿采信该证书，并向管理部门反映。</p>
<p><a class="button plain" href="/verify/">重新核验</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
